//! The wire contract as an AsyncAPI document for people who write their own programs. The payloads' schemas come from the
//! types that read and write them.
//!
//! AsyncAPI 3.0.0, <https://www.asyncapi.com/docs/reference/specification/v3.0.0>.

mod schema;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::message::{
    Applied, CLOUD, CardUpdate, CheckBook, ContactAdd, ContactDelete, ContactUpdate, Exchange,
    Introduce, Link, MAX_PAYLOAD, Notice, Receipt, Register, Revocation, Sync, TYPE, Undo,
    Withdraw,
};
use crate::topic::{MAX_LENGTH, OFFLINE, ONLINE};

const ABOUT: &str = include_str!("asyncapi/about.md");
/// Where the document's schemas stand.
const SCHEMAS: &str = "/components/schemas";

/// The document; its parts in the order of reading.
#[derive(Serialize)]
pub struct Document {
    asyncapi: &'static str,
    info: Value,
    #[serde(rename = "defaultContentType")]
    default_content_type: &'static str,
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    components: Components,
}

#[derive(Serialize)]
struct Components {
    messages: Map<String, Value>,
    schemas: Map<String, Value>,
}

/// One event that travels on a channel.
struct Message {
    /// The last words of its type.
    name: &'static str,
    summary: &'static str,
    content: Value,
}

/// Writes the contract down.
pub fn document() -> Document {
    Document {
        asyncapi: "3.0.0",
        info: json!({
            "title": "Tapcard",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0" },
        }),
        default_content_type: "application/json",
        channels: channels(),
        operations: operations(),
        components: components(),
    }
}

fn components() -> Components {
    let mut up = SchemaSettings::draft07().with(at_home).for_deserialize().into_generator();
    let mut down = SchemaSettings::draft07().with(at_home).for_serialize().into_generator();
    let news = [
        message::<Receipt>(&mut down, "receipt", "The answer to one task."),
        message::<Notice>(&mut down, "notice", "News for a terminal."),
        message::<Revocation>(&mut down, "revocation", "Which tokens no longer count, for a gate."),
    ];
    let tasks = tasks(&mut up);
    let events = tasks.iter().map(|it| (it, None)).chain(news.iter().map(|it| (it, Some(CLOUD))));
    let mut messages: Map<String, Value> =
        events.map(|(it, from)| (it.name.to_owned(), event(it, from))).collect();
    messages.insert("state".to_owned(), state());
    messages.insert("login".to_owned(), login());
    let mut schemas = up.take_definitions(true);
    for (name, schema) in down.take_definitions(true) {
        let known = schemas.insert(name.clone(), schema.clone());
        assert!(known.is_none_or(|it| it == schema), "{name} is read and written differently");
    }
    Components { messages, schemas }
}

fn at_home(settings: &mut SchemaSettings) {
    settings.definitions_path = SCHEMAS.into();
    settings.meta_schema = None;
}

fn tasks(up: &mut SchemaGenerator) -> Vec<Message> {
    vec![
        message::<Register>(
            up,
            "task.register",
            "The first word of a terminal: make its account usable.",
        ),
        message::<Exchange>(up, "task.exchange", "A confirmed touch."),
        message::<Undo>(
            up,
            "task.undo",
            "An exchange of this terminal is taken back, whether it has come yet or not.",
        ),
        message::<Introduce>(up, "task.introduce", "Two visitors meet at an organiser's kiosk."),
        message::<Link>(up, "task.link", "Answer an offer."),
        message::<ContactUpdate>(
            up,
            "task.contact-update",
            "The holder's own words about a contact.",
        ),
        message::<ContactAdd>(up, "task.contact-add", "A contact without a touch."),
        message::<ContactDelete>(up, "task.contact-delete", "A contact leaves the book."),
        message::<Withdraw>(up, "task.withdraw", "The own card follows no more."),
        message::<CheckBook>(up, "task.check-book", "How does the address book stand?"),
        message::<CardUpdate>(up, "task.card-update", "The own card was edited."),
        message::<Vec<Applied>>(
            up,
            "task.applied",
            "What became of cards that were sent here. It has no receipt; the id's number is 0.",
        ),
        message::<Sync>(up, "task.sync", "What changed while I was away? The id's number is 0."),
    ]
}

fn message<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    name: &'static str,
    summary: &'static str,
) -> Message {
    Message { name, summary, content: generator.subschema_for::<T>().to_value() }
}

/// A message of the components: a CloudEvent, from the cloud or from a terminal.
fn event(it: &Message, from: Option<&str>) -> Value {
    let kind = format!("{TYPE}{}", it.name);
    let source = match from {
        Some(it) => json!({ "const": it }),
        None => json!({ "type": "string", "pattern": "^tapcard/terminal/[0-9a-hjkmnp-tv-z]{13}$" }),
    };
    let id = if from.is_none() || it.name == "receipt" {
        json!({ "$ref": format!("#{SCHEMAS}/TaskId") })
    } else {
        json!({ "type": "string" })
    };
    json!({
        "name": it.name,
        "summary": it.summary,
        "contentType": "application/cloudevents+json",
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "type", "source", "data"],
            "properties": {
                "specversion": { "const": "1.0" },
                "id": id,
                "type": { "const": kind },
                "source": source,
                "time": { "type": "string", "format": "date-time" },
                "datacontenttype": { "const": "application/json" },
                "data": it.content,
            },
        },
    })
}

fn state() -> Value {
    json!({
        "name": "state",
        "summary": "Whether a terminal is connected; its last will says that it is not.",
        "contentType": "text/plain",
        "payload": { "enum": [ONLINE, OFFLINE] },
    })
}

fn login() -> Value {
    json!({
        "name": "login",
        "summary": "A fresh token for the connection that it comes over.",
        "contentType": "text/plain",
        "payload": { "type": "string" },
    })
}

/// Where messages travel.
struct Channel {
    name: &'static str,
    address: &'static str,
    about: &'static str,
    messages: &'static [&'static str],
}

const CHANNELS: [Channel; 6] = [
    Channel {
        name: "tasks",
        address: "tapcard/v1/task/{shard}/{terminal}",
        about: "What a terminal asks; read by the workers. Only the terminal itself may publish here.",
        messages: &[
            "task.register",
            "task.exchange",
            "task.introduce",
            "task.link",
            "task.contact-update",
            "task.contact-add",
            "task.contact-delete",
            "task.check-book",
            "task.undo",
            "task.withdraw",
            "task.card-update",
            "task.applied",
            "task.sync",
        ],
    },
    Channel {
        name: "terminal",
        address: "tapcard/v1/terminal/{terminal}",
        about: "What the cloud tells one terminal: its receipts, and to a kiosk its notices. Only the terminal itself may \
                subscribe.",
        messages: &["receipt", "notice"],
    },
    Channel {
        name: "account",
        address: "tapcard/v1/notice/{account}",
        about: "What the cloud tells all phones of an account. Only they may subscribe.",
        messages: &["notice"],
    },
    Channel {
        name: "state",
        address: "tapcard/v1/state/{terminal}",
        about: "Whether a terminal is connected.",
        messages: &["state"],
    },
    Channel {
        name: "login",
        address: "tapcard/v1/login",
        about: "Renews the token of the living connection, before it runs out. Read by the gate alone.",
        messages: &["login"],
    },
    Channel {
        name: "revoke",
        address: "tapcard/v1/revoke",
        about: "Which tokens no longer count; from the worker, read by the gate alone.",
        messages: &["revocation"],
    },
];

/// What stands in braces in addresses.
const PARAMETERS: [(&str, &str); 3] = [
    ("terminal", "The terminal's id, 13 characters."),
    (
        "shard",
        "The low four bits of the id as two decimal digits. They are the low four bits of its last character's value, in \
         0123456789abcdefghjkmnpqrstvwxyz.",
    ),
    ("account", "The account's id, 13 characters."),
];

fn channels() -> Map<String, Value> {
    CHANNELS.iter().map(|it| (it.name.to_owned(), channel(it))).collect()
}

fn channel(it: &Channel) -> Value {
    let message = |name: &&str| {
        ((*name).to_owned(), json!({ "$ref": format!("#/components/messages/{name}") }))
    };
    let messages: Map<String, Value> = it.messages.iter().map(message).collect();
    let parameters: Map<String, Value> = PARAMETERS
        .iter()
        .filter(|(name, _)| it.address.contains(&format!("{{{name}}}")))
        .map(|(name, about)| ((*name).to_owned(), json!({ "description": about })))
        .collect();
    let mut channel =
        json!({ "address": it.address, "description": it.about, "messages": messages });
    if !parameters.is_empty() {
        channel["parameters"] = parameters.into();
    }
    channel
}

/// From a terminal's side.
fn operations() -> Map<String, Value> {
    let rows = [
        ("ask", "send", "tasks"),
        ("hear", "receive", "terminal"),
        ("hearForTheAccount", "receive", "account"),
        ("sayState", "send", "state"),
        ("renew", "send", "login"),
    ];
    let operation = |action: &str, channel: &str| json!({ "action": action, "channel": { "$ref": format!("#/channels/{channel}") } });
    rows.into_iter().map(|(name, action, it)| (name.to_owned(), operation(action, it))).collect()
}

/// The limits that the text names, so that it cannot name others.
const _: () = assert!(MAX_PAYLOAD == 65_536 && MAX_LENGTH == 64);
