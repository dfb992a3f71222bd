//! The same journey with a client library that nobody here wrote.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rumqttc::SubscribeReasonCode;
use rumqttc::{Client, ConnectReturnCode, ConnectionError, Event, MqttOptions, Packet, QoS};

use crate::support::{Broker, PATIENCE, Who, notice, task, terminal};

/// A rumqttc client and everything that comes in for it.
fn rumqttc(broker: &Broker, who: &Who) -> (Client, Receiver<Result<Packet, ConnectionError>>) {
    let address = broker.addresses.tcp;
    let mut options = MqttOptions::new(&who.claims.cid, address.ip().to_string(), address.port());
    options.set_credentials("tapcard", who.token()).set_max_packet_size(70_000, 70_000);
    let (client, mut connection) = Client::new(options, 10);
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for event in connection.iter() {
            let failed = event.is_err();
            let sent = match event {
                Ok(Event::Incoming(packet)) => sender.send(Ok(packet)),
                Ok(Event::Outgoing(_)) => Ok(()),
                Err(error) => sender.send(Err(error)),
            };
            if failed || sent.is_err() {
                break;
            }
        }
    });
    (client, receiver)
}

/// The next packet that the filter wants.
fn next<T>(
    packets: &Receiver<Result<Packet, ConnectionError>>,
    wanted: impl Fn(Packet) -> Option<T>,
) -> T {
    loop {
        let packet = packets.recv_timeout(PATIENCE).unwrap().unwrap();
        if let Some(it) = wanted(packet) {
            return it;
        }
    }
}

fn suback(packet: Packet) -> Option<Vec<SubscribeReasonCode>> {
    if let Packet::SubAck(it) = packet { Some(it.return_codes) } else { None }
}

fn payload(packet: Packet) -> Option<(String, Vec<u8>)> {
    if let Packet::Publish(it) = packet { Some((it.topic, it.payload.to_vec())) } else { None }
}

#[test]
fn a_task_goes_up_and_a_receipt_comes_down() {
    let broker = Broker::start();
    let (worker, to_worker) = rumqttc(&broker, &Who::worker());
    worker.subscribe("tapcard/v1/task/02/+", QoS::AtLeastOnce).unwrap();
    let granted = SubscribeReasonCode::Success(QoS::AtLeastOnce);
    assert_eq!(next(&to_worker, suback), [granted]);
    let (kiosk, to_kiosk) = rumqttc(&broker, &Who::kiosk(1, 2));
    kiosk.subscribe(terminal(2), QoS::AtLeastOnce).unwrap();
    assert_eq!(next(&to_kiosk, suback), [granted]);

    kiosk.publish(task(2), QoS::AtLeastOnce, false, "a task").unwrap();
    assert_eq!(next(&to_worker, payload), (task(2), b"a task".to_vec()));
    worker.publish(terminal(2), QoS::AtLeastOnce, false, "a receipt").unwrap();
    assert_eq!(next(&to_kiosk, payload), (terminal(2), b"a receipt".to_vec()));
    next(&to_worker, |it| matches!(it, Packet::PubAck(_)).then_some(()));
}

#[test]
fn a_refusal_is_understood() {
    let broker = Broker::start();
    let stranger = Who { kid: "unknown", ..Who::phone(1, 2) };
    let (_client, packets) = rumqttc(&broker, &stranger);
    let error = packets.recv_timeout(PATIENCE).unwrap().unwrap_err();
    assert!(
        matches!(error, ConnectionError::ConnectionRefused(ConnectReturnCode::BadUserNamePassword)),
        "{error}"
    );
    let (phone, packets) = rumqttc(&broker, &Who::phone(1, 2));
    phone.subscribe(notice(3), QoS::AtLeastOnce).unwrap();
    assert_eq!(next(&packets, suback), [SubscribeReasonCode::Failure]);
}
