//! Tapcard's MQTT broker: a gate of our own in front of rumqttd's router.
//!
//! rumqttd's own listeners have no rights per topic, answer a wrong password with silence, and can be
//! brought down by what a client sends; so nothing but the gate listens, and nothing reaches the router
//! that the gate has not allowed.
//!
//! - [`start`]: the command line, logging, signals
//! - [`config`]: the configuration file
//! - [`keys`]: the public keys that tokens are checked with
//! - [`listener`] and `websocket`: where clients connect, over TCP and over WebSocket
//! - [`gate`]: login, access rules, sessions, delivery
//!
//! # What clients get
//!
//! MQTT 3.1.1 with QoS 0 and 1, over TCP and over WebSocket (path `/mqtt`, sub-protocol `mqtt`).
//! The password is a token; the user name is not looked at. A PUBACK means that the message stands in the
//! queue of every recipient that is present, or in the router; all of it is in memory.
//!
//! | refused | how the client sees it |
//! |---|---|
//! | another version of MQTT | CONNACK 1 |
//! | a client id that is not the token's, or empty | CONNACK 2 |
//! | a token that does not count | CONNACK 4 |
//! | `clean_session` = 0; a last will on another topic than the terminal's own state, at QoS 2 or retained | CONNACK 5 |
//! | a filter that is not exactly one of those granted, `$share`, wildcards that widen | SUBACK 0x80 for that filter |
//! | QoS 2 in SUBSCRIBE | granted as QoS 1 |
//! | a message on a topic that is not granted, at QoS 2 or retained | the connection closes |
//! | a malformed packet, or a payload above 64 KiB | the connection closes |
//!
//! A connection also closes when its token expires, when the same client connects again, when the client is
//! silent for one and a half keep-alives (ten minutes if it promised none), takes no byte for 20 s, or lets
//! more than 1000 messages wait. At most 100 messages are in flight to one client.
//! A task published at QoS 0 reaches workers at QoS 1.
//!
//! # What is not built yet
//!
//! TLS, limits per address, renewal of a token on the live connection, revocation (workers may publish on
//! `tapcard/v1/revoke`, and nothing follows), the check of a WebSocket's origin, metrics.

pub mod config;
pub mod gate;
pub mod keys;
pub mod listener;
pub mod start;
mod websocket;
