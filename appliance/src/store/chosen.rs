//! What was chosen at the kiosk itself.

use anyhow::Result;
use rusqlite::params;

use super::Store;
use crate::language::Language;
use crate::session::{Appearance, Mode};

impl Store {
    /// The mode that was chosen at the kiosk, none before the first choice.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn mode(&self) -> Result<Option<Mode>> {
        let name: Option<String> =
            self.db.query_row("SELECT mode FROM kiosk", [], |row| row.get(0))?;
        Ok(name.and_then(|it| Mode::named(&it)))
    }

    /// Remembers the mode that was chosen at the kiosk.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn choose_mode(&mut self, mode: Mode) -> Result<()> {
        self.db.execute("UPDATE kiosk SET mode = ?1", [mode.name()])?;
        Ok(())
    }

    /// How the screens look; as they are made before anybody has said so.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn appearance(&self) -> Result<Appearance> {
        let sql = "SELECT appearance FROM kiosk";
        let text: Option<String> = self.db.query_row(sql, [], |row| row.get(0))?;
        // One that an older or a newer program has written is no reason to stand still.
        Ok(text.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default())
    }

    /// Remembers how the screens look.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn appear(&mut self, appearance: Appearance) -> Result<()> {
        let text = serde_json::to_string(&appearance)?;
        self.db.execute("UPDATE kiosk SET appearance = ?1", [text])?;
        Ok(())
    }

    /// The language that was chosen here.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn language(&self) -> Result<Option<Language>> {
        let tag: Option<String> = self.read("SELECT language FROM kiosk")?;
        Ok(tag.and_then(|tag| Language::ALL.into_iter().find(|it| it.tag() == tag)))
    }

    /// Remembers a language.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn choose_language(&mut self, language: Language) -> Result<()> {
        self.db.execute("UPDATE kiosk SET language = ?1", [language.tag()])?;
        Ok(())
    }

    /// The PIN that was chosen here. Of so few digits a hash would hide nothing.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn pin(&self) -> Result<Option<String>> {
        self.read("SELECT pin FROM kiosk")
    }

    /// Remembers a PIN.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn choose_pin(&mut self, pin: &str) -> Result<()> {
        self.db.execute("UPDATE kiosk SET pin = ?1", [pin])?;
        Ok(())
    }

    /// Whether the first start is over.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn has_begun(&self) -> Result<bool> {
        Ok(self.db.query_row("SELECT begun FROM kiosk", [], |row| row.get(0))?)
    }

    /// The first start is over, and this is spoken from now on.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn begin(&mut self, language: Language) -> Result<()> {
        self.db.execute("UPDATE kiosk SET begun = 1, language = ?1", params![language.tag()])?;
        Ok(())
    }

    fn read(&self, sql: &str) -> Result<Option<String>> {
        Ok(self.db.query_row(sql, [], |row| row.get(0))?)
    }
}
