//! The tokens that name touches. A counter is never used twice, whatever happens to this program:
//! counters are reserved in blocks before the first of a block is shown, and what a crash leaves of a
//! block is skipped.

use std::ops::Range;

use anyhow::{Context, Result};
use rusqlite::params;
use tapcard_protocol::touch::{MAX_COUNTER, Mode, Surface, TouchKey, TouchToken};

use super::Store;

/// Counters reserved at once: at one code a minute a write every hour.
const BLOCK: u32 = 64;

/// Counters that are reserved and not used.
pub(super) type Counters = Range<u32>;

impl Store {
    /// The newest key, none before the first.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn touch_key(&self) -> Result<Option<TouchKey>> {
        let sql = "SELECT epoch, key FROM touch";
        let row: (Option<u16>, Option<Vec<u8>>) =
            self.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (Some(epoch), Some(key)) = row else { return Ok(None) };
        let key = <[u8; _]>::try_from(key).ok().context("reading a stored key")?;
        Ok(Some(TouchKey { epoch, key }))
    }

    /// Takes the key that the cloud sent, in place of the last one.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn take_touch_key(&mut self, key: &TouchKey) -> Result<()> {
        let sql = "UPDATE touch SET epoch = ?1, key = ?2";
        self.db.execute(sql, params![key.epoch, key.key.as_slice()])?;
        Ok(())
    }

    /// A token that was never drawn before; none without a key, or when all counters are used up.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn draw_touch(&mut self, shown: (Mode, Surface)) -> Result<Option<TouchToken>> {
        let Some(key) = self.touch_key()? else { return Ok(None) };
        if self.counters.is_empty() {
            self.counters = self.reserve()?;
        }
        let counter = self.counters.next().filter(|it| *it <= MAX_COUNTER);
        Ok(counter.map(|it| TouchToken::new(&key, self.terminal, it, shown)))
    }

    fn reserve(&mut self) -> Result<Counters> {
        let write = self.db.transaction()?;
        let sql = "UPDATE touch SET next = next + ?1 RETURNING next";
        let end: i64 = write.query_row(sql, [BLOCK], |row| row.get(0))?;
        write.commit()?;
        let end = u32::try_from(end).unwrap_or_default();
        Ok(end.saturating_sub(BLOCK)..end)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use tapcard_protocol::TerminalId;

    use super::*;

    const SHOWN: (Mode, Surface) = (Mode::Both, Surface::Tag);

    fn open(folder: &Path) -> Store {
        Store::open(&folder.join("kiosk.db"), TerminalId::new(3), 7).unwrap()
    }

    fn key(epoch: u16) -> TouchKey {
        TouchKey { epoch, key: [epoch as u8; 32] }
    }

    #[test]
    fn without_a_key_there_is_no_token() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        assert_eq!(store.draw_touch(SHOWN).unwrap(), None);
        store.take_touch_key(&key(7)).unwrap();
        let token = store.draw_touch(SHOWN).unwrap().unwrap();
        assert!(token.is_made_with(&key(7)));
        assert_eq!(token.kiosk(), TerminalId::new(3));
        assert_eq!(open(folder.path()).touch_key().unwrap(), Some(key(7)));
        store.take_touch_key(&key(8)).unwrap();
        assert!(store.draw_touch(SHOWN).unwrap().unwrap().is_made_with(&key(8)));
    }

    #[test]
    fn a_block_is_reserved_before_its_first_token_and_skipped_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        store.take_touch_key(&key(7)).unwrap();
        let first = store.draw_touch(SHOWN).unwrap().unwrap().counter();
        // A process that is killed closes nothing.
        std::mem::forget(store);
        let second = open(folder.path()).draw_touch(SHOWN).unwrap().unwrap().counter();
        assert_eq!(second, first + BLOCK);
    }

    /// Numbers that look random and are the same at every run (Numerical Recipes' generator).
    fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut state = seed;
        move |n_sides| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n_sides
        }
    }

    #[test]
    fn no_counter_comes_twice_wherever_the_power_goes() {
        for seed in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            let mut store = open(folder.path());
            store.take_touch_key(&key(0)).unwrap();
            let (mut dice, mut seen) = (dice(seed), HashSet::new());
            for turn in 0..400 {
                match dice(20) {
                    0 => {
                        std::mem::forget(store);
                        store = open(folder.path());
                    }
                    1 => store.take_touch_key(&key(turn)).unwrap(),
                    _ => {
                        let counter = store.draw_touch(SHOWN).unwrap().unwrap().counter();
                        assert!(seen.insert(counter), "turn {turn} of {seed}");
                    }
                }
            }
        }
    }

    #[test]
    fn when_all_counters_are_used_up_there_are_no_more_tokens() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        store.take_touch_key(&key(7)).unwrap();
        store.db.execute("UPDATE touch SET next = ?1", [u32::MAX]).unwrap();
        assert_eq!(store.draw_touch(SHOWN).unwrap(), None);
        assert_eq!(store.draw_touch(SHOWN).unwrap(), None);
    }
}
