//! What may be said of a failure. Postgres' details quote rows, and so numbers and cards; they never reach a log.

use postgres::error::DbError;

/// What was being done and why it failed, without anything of a row.
pub(crate) fn reason(why: &anyhow::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in why.chain() {
        if let Some(it) = cause.downcast_ref::<postgres::Error>() {
            words.push(it.as_db_error().map_or_else(|| it.to_string(), plain));
            break;
        }
        words.push(cause.to_string());
    }
    words.join(": ")
}

/// Postgres' message without its details; for data and constraints (SQLSTATE classes 22 and 23) the code alone, since
/// there the message itself may quote.
fn plain(why: &DbError) -> String {
    let code = why.code().code();
    match &code[..2] {
        _ if code == "42P01" => {
            "the database has not been made ready: run `tapcard-worker migrate`".to_owned()
        }
        "22" | "23" => format!("Postgres refuses the content (SQLSTATE {code})"),
        _ => format!("{} (SQLSTATE {code})", why.message()),
    }
}
