//! How the screens look, move and sound, as the staff has set it.

use serde::{Deserialize, Serialize};

/// What the staff has set; at first nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// When the screens are dark.
    pub night: Night,
    /// Words are a quarter larger.
    pub larger: bool,
    /// Black on white, without greys.
    pub contrast: bool,
    /// Nothing moves.
    pub still: bool,
    /// Nothing is heard.
    pub muted: bool,
}

/// When the screens are dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Night {
    /// Never.
    #[default]
    Never,
    /// Always.
    Always,
    /// From [`EVENING`] to [`MORNING`].
    ByClock,
}

/// The hours of the day between which it is dark, by the kiosk's own time.
pub const EVENING: i8 = 19;
/// See [`EVENING`].
pub const MORNING: i8 = 7;

impl Night {
    /// Whether it is dark in this hour of the day.
    pub fn is_dark(self, hour: i8) -> bool {
        match self {
            Night::Never => false,
            Night::Always => true,
            Night::ByClock => !(MORNING..EVENING).contains(&hour),
        }
    }
}

/// Something that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `Appearance`")]
pub enum Setting {
    Night,
    Larger,
    Contrast,
    Still,
    Muted,
}

impl Appearance {
    /// The same with the next value of a setting.
    pub fn turned(mut self, setting: Setting) -> Appearance {
        match setting {
            Setting::Night => {
                self.night = match self.night {
                    Night::Never => Night::Always,
                    Night::Always => Night::ByClock,
                    Night::ByClock => Night::Never,
                }
            }
            Setting::Larger => self.larger = !self.larger,
            Setting::Contrast => self.contrast = !self.contrast,
            Setting::Still => self.still = !self.still,
            Setting::Muted => self.muted = !self.muted,
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_clock_it_is_dark_from_evening_to_morning() {
        for (hour, dark) in [(0, true), (6, true), (7, false), (18, false), (19, true), (23, true)]
        {
            assert_eq!(Night::ByClock.is_dark(hour), dark, "{hour}");
            assert!(Night::Always.is_dark(hour) && !Night::Never.is_dark(hour));
        }
    }

    #[test]
    fn every_setting_comes_back_to_where_it_was() {
        let begin = Appearance::default();
        for setting in
            [Setting::Night, Setting::Larger, Setting::Contrast, Setting::Still, Setting::Muted]
        {
            let mut it = begin.turned(setting);
            assert_ne!(it, begin, "{setting:?}");
            let turns = (0..3).position(|_| {
                it = it.turned(setting);
                it == begin
            });
            assert!(turns.is_some(), "{setting:?}");
        }
    }
}
