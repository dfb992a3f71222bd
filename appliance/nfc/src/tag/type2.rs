//! Reads a Type 2 tag: the pages that the plan asks for, as widely as the chip and the tag allow.

use super::held::Held;
use super::{ReadError, persist};
use crate::chip::ChipError;
use crate::type2::ask::{Ask, rolls_over};
use crate::type2::reach::{Attempts, Reach, SAFE_PAGES, Width};
use crate::type2::{FIRST_PAGE, PAGE_BYTES, Plan, plan};
use crate::unreadable::Unreadable;

pub(super) fn read(held: &mut Held<'_>, reach: &mut Reach) -> Result<Vec<u8>, ReadError> {
    let mut attempts = Attempts::new(reach);
    let mut refusals = Vec::new();
    let read = persist(held, |held| {
        let mut memory = Vec::new();
        loop {
            let (first, last) = match plan(&memory)? {
                Plan::Done(message) => return Ok(message),
                Plan::Read { first, last } => (first, last),
            };
            let ask = Ask::of(first, last, attempts.width());
            let answer = fetch(held, ask, &mut attempts);
            if matches!((ask, &answer), (Ask::Read(_), Err(ChipError::Lost))) {
                refusals.push(first);
            }
            let answer = answer?;
            let n_wanted = usize::from(last - first) + 1;
            if matches!(ask, Ask::Read(_)) && rolls_over(&answer, n_wanted, held.uid().bytes()) {
                return Err(Unreadable::Protected.into());
            }
            memory.extend(answer);
        }
    });
    match read {
        Err(ReadError::Unreadable(Unreadable::PulledAway))
            if held.is_there() && refuses(&refusals) =>
        {
            Err(Unreadable::Protected.into())
        }
        read => read,
    }
}

/// Whether a tag that is there said no to READ of the same page again and again, which it answered
/// for earlier pages.
fn refuses(refusals: &[u8]) -> bool {
    matches!(refusals, [.., before, last] if before == last && *last > FIRST_PAGE)
}

/// The pages from `first` to `last`, from the tag's page 0 on if need be.
pub(super) fn read_pages(held: &mut Held<'_>, first: u8, last: u8) -> Result<Vec<u8>, ChipError> {
    let mut reach = Reach::Safe;
    let mut attempts = Attempts::new(&mut reach);
    let mut memory = Vec::new();
    let mut next = first;
    while next <= last {
        let ask = Ask::of(next, last, Width::Safe);
        memory.extend(fetch(held, ask, &mut attempts)?);
        next += u8::try_from(ask.n_bytes() / PAGE_BYTES).expect("62 pages at most");
    }
    Ok(memory)
}

fn fetch(held: &mut Held<'_>, ask: Ask, attempts: &mut Attempts<'_>) -> Result<Vec<u8>, ChipError> {
    let answer = match ask {
        Ask::Read(_) => held.exchange(&ask.frame()),
        Ask::FastRead { .. } => held.exchange_raw(&ask.frame()),
    };
    let is_whole = answer.as_ref().is_ok_and(|bytes| bytes.len() == ask.n_bytes());
    let Ask::FastRead { first, last } = ask else {
        return if answer.is_ok() && !is_whole { Err(ChipError::Lost) } else { answer };
    };
    match answer {
        Ok(bytes) if is_whole => {
            attempts.came(first, last);
            Ok(bytes)
        }
        Ok(_) | Err(ChipError::Lost) => {
            attempts.failed(first, last);
            Err(ChipError::Lost)
        }
        Err(error @ (ChipError::Io(_) | ChipError::Interrupted)) => Err(error),
        // More than the chip's buffer holds may confuse it in ways of its own.
        Err(_) if last - first >= SAFE_PAGES => {
            attempts.failed(first, last);
            held.restart_chip()?;
            Err(ChipError::Lost)
        }
        Err(error) => Err(error),
    }
}
