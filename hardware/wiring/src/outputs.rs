//! Every file that follows from the table, with the text it should have. Pure.

use anyhow::{Result, bail};

use crate::table::Table;
use crate::{fragment, harness, page, rules};

/// The table, relative to `hardware/`.
pub const TABLE: &str = "wiring/pins.toml";
/// The page with the tables, relative to `hardware/`.
pub const PAGE: &str = "README.md";

/// A file that is written from the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Output {
    /// Relative to `hardware/`.
    pub path: String,
    /// All that is in it.
    pub text: String,
}

/// All outputs of `table`, the text of `pins.toml`; `readme` is the page as it stands.
///
/// # Errors
/// Says what is wrong with the table, or which marks the page lacks.
pub fn of(table: &str, readme: &str) -> Result<Vec<Output>> {
    let table = Table::parse(table)?;
    let mistakes = rules::mistakes(&table);
    if !mistakes.is_empty() {
        bail!("the table of pins is wrong: {}", mistakes.join("; "));
    }
    let mut all = vec![output(PAGE.to_owned(), page::renew(readme, &table)?)];
    for link in &table.link {
        let key = &link.key;
        all.push(output(format!("wiring/{key}.yml"), harness::wireviz(&table, link)));
        let kiosk = fragment::kiosk(&table, link);
        all.push(output(format!("wiring/fragments/kiosk-{key}.toml"), kiosk));
        for board in &table.board {
            let path = format!("wiring/fragments/{}-{key}.txt", board.key);
            all.extend(fragment::firmware(board, link).map(|text| output(path, text)));
        }
    }
    Ok(all)
}

fn output(path: String, text: String) -> Output {
    Output { path, text }
}
