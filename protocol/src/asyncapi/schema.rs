//! Schemas of what is written in a form of its own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::enrolment::Base64;
use crate::message::TaskId;
use crate::{AccountId, Card, Identifier, TerminalId};

macro_rules! schema {
    ($name:ident, $text:literal, $schema:tt) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let mut schema = json_schema!($schema);
                schema.insert("description".to_owned(), $text.into());
                schema
            }
        }
    };
}

schema!(AccountId, "A person in the cloud.", {
    "type": "string",
    "pattern": "^[0-9a-hjkmnp-tv-z]{13}$",
});
schema!(TerminalId, "Anything that holds a card and an address book.", {
    "type": "string",
    "pattern": "^[0-9a-hjkmnp-tv-z]{13}$",
});
schema!(TaskId, "Which task of which store: the store's epoch, a hyphen, the task's number.", {
    "type": "string",
    "pattern": "^[0-9a-f]{16}-(0|[1-9][0-9]*)$",
});
schema!(Identifier, "A phone number in E.164.", {
    "type": "string",
    "pattern": "^\\+[1-9][0-9]{4,14}$",
});
schema!(Card, "A JSContact card (RFC 9553) of at most 16 KiB.", {
    "type": "object",
    "required": ["@type"],
    "properties": { "@type": { "const": "Card" } },
});

/// Without a name of its own: what each is stands beside it.
impl<const N: usize> JsonSchema for Base64<N> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Base64Of{N}Bytes").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let n_letters = (N * 4).div_ceil(3);
        json_schema!({
            "type": "string",
            "pattern": format!("^[0-9A-Za-z_-]{{{n_letters}}}$"),
        })
    }
}
