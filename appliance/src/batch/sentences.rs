//! What a badge desk says.

use super::Batch;
use crate::badge::{Refusal, Written};
use crate::offer::Part;

impl Batch {
    /// What begins now, and how it is steered; nothing for a single card.
    pub fn greet(&self) -> Option<String> {
        let badges = count(self.waiting.len(), "badge", "to write");
        let lock = if self.rules.lock { ", each locked for good" } else { "" };
        let hint = "Type skip and Enter to pass over one; press Ctrl-C to stop.";
        Some(format!("{badges}{lock}. {hint}")).filter(|_| !self.is_single)
    }

    /// Which tag is to be laid down next; nothing when all is done.
    pub fn ask(&self) -> Option<String> {
        Some(format!("{}: lay a blank tag on the reader.", self.label()?))
    }

    /// That the tag must not be moved now.
    pub fn writing(&self) -> Option<String> {
        Some(format!("{}: writing, do not move the tag.", self.label()?))
    }

    /// Why a tag was not written, and what to do.
    pub fn refuse(&self, reason: Refusal) -> String {
        let other = "Take it away and lay another one down.";
        match reason {
            Refusal::PulledAway => "Not written: the tag was taken away too early. Lay it down again \
                                    and do not move it."
                .into(),
            Refusal::Two => "There are two tags. Leave only one on the reader.".into(),
            Refusal::Holds => format!(
                "Not written: something is written on this tag already. {other} To write over \
                 such tags, start again with --overwrite."
            ),
            Refusal::JustWritten => {
                "This is the badge that was written just now. Take it away and lay a blank tag down."
                    .into()
            }
            Refusal::Locked => format!("Not written: this tag is locked for good. {other}"),
            Refusal::OtherKind => format!(
                "Not written: this is not a tag that can be written here. It must be an NTAG213, \
                 NTAG215 or NTAG216. {other}"
            ),
            Refusal::OtherUse => {
                format!("Not written: this tag is set up for something else. {other}")
            }
            Refusal::TooSmall => {
                format!("Not written: this tag is too small even for name and number. {other}")
            }
            Refusal::Worn => format!("Not written: this tag does not keep what is written. {other}"),
        }
    }

    /// Whoever stands at the desk wrote a line.
    pub fn hear(&mut self, line: &str) -> String {
        if line.trim().eq_ignore_ascii_case("skip") {
            return self.skip();
        }
        "Type skip and Enter to pass over this one, or press Ctrl-C to stop.".into()
    }

    /// What became of all rows.
    pub fn summary(&self) -> String {
        let written = count(self.n_written, "tag", "written");
        let place = self.place;
        match self.n_skipped {
            0 => format!("Done: {written}."),
            n_skipped => format!("Done: {written}, {}.", count(n_skipped, place, "passed over")),
        }
    }

    /// What became of the rows so far, and how to go on with the others.
    pub fn stopped(&self) -> String {
        let Some(next) = self.waiting.front().filter(|_| !self.is_single) else {
            return "Stopped: no tag was written.".into();
        };
        let n_done = self.n_written + self.n_skipped;
        let n_rows = n_done + self.waiting.len();
        let mut said = format!("Stopped: {n_done} of {} done", count(n_rows, self.place, ""));
        if self.n_skipped > 0 {
            said += &format!(", {} of them passed over", self.n_skipped);
        }
        format!("{}. To go on later, add --from {}.", said, next.number)
    }

    pub(super) fn say_written(&self, written: &Written) -> String {
        let mut said = format!("{}: written and read back", self.label().unwrap_or_default());
        if written.is_locked {
            said += ", and locked for good";
        }
        said += ".";
        if !written.left_out.is_empty() {
            let parts: Vec<&str> = written.left_out.iter().copied().map(name).collect();
            said += &format!(" The tag had no room for {}.", parts.join(", "));
        }
        said + " Take it away."
    }

    pub(super) fn say_skipped(&self) -> String {
        format!("{}: passed over.", self.label().unwrap_or_default())
    }

    /// The row that is to be written next; only the name when there is but one.
    fn label(&self) -> Option<String> {
        let row = self.waiting.front()?;
        let name = row.badge.name();
        let mut place = self.place.to_owned();
        place[..1].make_ascii_uppercase();
        Some(if self.is_single { name } else { format!("{place} {}, {name}", row.number) })
    }
}

fn count(n: usize, what: &str, became: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural} {became}").trim_end().to_owned()
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Link => "the link",
        Part::NameEnd => "the end of the name",
        Part::Organisation => "the organisation",
        Part::Title => "the title",
        Part::Mail => "the mail address",
        Part::Phone => "a phone number",
        Part::Web => "the web address",
        Part::Address => "the address",
        Part::Picture => "the picture",
        Part::Note => "the note",
    }
}
