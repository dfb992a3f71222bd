//! The three sounds of the kiosk, as files that any player takes. Pure.

use std::f64::consts::TAU;

use crate::view::Sound;

/// Samples a second.
const RATE: u32 = 48_000;
/// Softly on and off, in samples: ten milliseconds.
const FADE: usize = 480;
/// As loud as it gets, of full scale: -12 dBFS.
const LOUDEST: f64 = 0.25;

impl Sound {
    /// One tone after another: hertz and milliseconds.
    fn tones(self) -> &'static [(f64, u32)] {
        match self {
            Sound::Felt => &[(880.0, 70)],
            Sound::Done => &[(659.0, 90), (880.0, 160)],
            Sound::Unread => &[(392.0, 180)],
        }
    }

    /// The sound at a volume of 0 to 100, 16 bits and one channel, in a WAV file (RIFF WAVE, `fmt ` 1: PCM).
    pub fn wav(self, volume: u8) -> Vec<u8> {
        let loudness = LOUDEST * f64::from(volume.min(100)) / 100.0;
        let samples: Vec<i16> = self.tones().iter().flat_map(|it| tone(*it, loudness)).collect();
        let size = samples.len() as u32 * 2;
        let mut file = Vec::with_capacity(44 + samples.len() * 2);
        file.extend_from_slice(b"RIFF");
        file.extend_from_slice(&(36 + size).to_le_bytes());
        file.extend_from_slice(b"WAVEfmt ");
        file.extend_from_slice(&16_u32.to_le_bytes());
        let (pcm, channels, frame, bits) = (1_u16, 1_u16, 2_u16, 16_u16);
        file.extend_from_slice(&pcm.to_le_bytes());
        file.extend_from_slice(&channels.to_le_bytes());
        file.extend_from_slice(&RATE.to_le_bytes());
        file.extend_from_slice(&(RATE * u32::from(frame)).to_le_bytes());
        file.extend_from_slice(&frame.to_le_bytes());
        file.extend_from_slice(&bits.to_le_bytes());
        file.extend_from_slice(b"data");
        file.extend_from_slice(&size.to_le_bytes());
        samples.iter().for_each(|it| file.extend_from_slice(&it.to_le_bytes()));
        file
    }
}

fn tone((hertz, ms): (f64, u32), loudness: f64) -> impl Iterator<Item = i16> {
    let n_samples = (RATE * ms / 1000) as usize;
    (0..n_samples).map(move |at| {
        let edge = at.min(n_samples - 1 - at).min(FADE) as f64 / FADE as f64;
        let wave = (TAU * hertz * at as f64 / f64::from(RATE)).sin();
        (wave * edge * loudness * f64::from(i16::MAX)) as i16
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(sound: Sound, volume: u8) -> Vec<i16> {
        let file = sound.wav(volume);
        assert_eq!(&file[36..40], b"data");
        file[44..].chunks_exact(2).map(|it| i16::from_le_bytes([it[0], it[1]])).collect()
    }

    #[test]
    fn a_tone_has_its_pitch_and_its_length() {
        for (sound, hertz, ms) in [(Sound::Felt, 880, 70), (Sound::Unread, 392, 180)] {
            let samples = samples(sound, 100);
            assert_eq!(samples.len(), 48 * ms);
            let rises = samples.windows(2).filter(|it| it[0] < 0 && it[1] >= 0).count();
            let expected = hertz * ms / 1000;
            assert!(rises.abs_diff(expected) <= 1, "{sound:?}: {rises} of {expected}");
        }
        assert_eq!(samples(Sound::Done, 100).len(), 48 * (90 + 160));
    }

    #[test]
    fn no_sound_is_loud_or_clicks() {
        for sound in [Sound::Felt, Sound::Done, Sound::Unread] {
            let loud = samples(sound, 100);
            let peak = loud.iter().map(|it| it.unsigned_abs()).max().unwrap();
            assert!((7000..=8192).contains(&peak), "{sound:?}: {peak}");
            assert!(loud[0] == 0 && loud[loud.len() - 1] == 0, "{sound:?} clicks");
            assert!(samples(sound, 0).iter().all(|it| *it == 0));
        }
    }
}
