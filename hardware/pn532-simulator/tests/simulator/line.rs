//! What a host meets on the line: wake-up, abort, repetition, faults, pace.

use std::time::{Duration, Instant};

use pn532_simulator::{Counters, Fault, Model};

use crate::desk::{Desk, message};
use crate::host::{ACK, Host, NACK, PATIENCE, frame};

const FIRMWARE: [u8; 5] = [0x03, 0x32, 0x01, 0x06, 0x07];
const LIST: [u8; 3] = [0x4A, 0x01, 0x00];

fn desk_and_host() -> (Desk, Host) {
    let desk = Desk::new();
    let host = Host::open(&desk.path("A"));
    (desk, host)
}

#[test]
fn a_command_may_follow_wake_up_bytes() {
    let (_desk, mut host) = desk_and_host();
    host.write(&[0x55, 0x55, 0x00, 0x00, 0x00, 0x00, 0x00]);
    assert_eq!(host.ask(&[0x02]), FIRMWARE);
}

#[test]
fn an_unknown_command_is_acknowledged_and_answered_with_an_error_frame() {
    let (_desk, mut host) = desk_and_host();
    host.send(&[0xAA]);
    assert_eq!(
        host.read(14),
        [&ACK[..], &[0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00]].concat()
    );
}

#[test]
fn a_damaged_command_is_not_acknowledged() {
    let (_desk, mut host) = desk_and_host();
    let mut damaged = frame(&[0xD4, 0x02]);
    damaged[7] ^= 0x10;
    host.write(&damaged);
    assert!(host.hears_nothing());
    assert_eq!(host.ask(&[0x02]), FIRMWARE);
}

#[test]
fn half_a_frame_does_not_spoil_the_next_one() {
    let (desk, mut host) = desk_and_host();
    host.write(&frame(&[0xD4, 0x00, 0x00, 1, 2, 3])[..7]);
    let deadline = Instant::now() + PATIENCE;
    let mut n_heard = 0;
    while n_heard < 7 {
        assert!(Instant::now() < deadline, "the chip has heard {n_heard} bytes");
        n_heard += desk.simulator.counters("A").unwrap().to_chip;
    }
    assert!(host.hears_nothing());
    assert_eq!(host.ask(&[0x02]), FIRMWARE);
}

#[test]
fn an_acknowledge_aborts_a_search_and_so_does_a_new_command() {
    let (desk, mut host) = desk_and_host();
    for abort in [&ACK[..], &[]] {
        host.send(&LIST);
        assert_eq!(host.read(6), ACK);
        host.write(abort);
        assert_eq!(host.ask(&[0x02]), FIRMWARE);
        desk.simulator.lay_tag("A", Model::Ntag215, &message(20), None).unwrap();
        assert!(host.hears_nothing());
        desk.simulator.clear("A").unwrap();
    }
}

#[test]
fn a_search_is_answered_when_a_tag_is_laid_down() {
    let (desk, mut host) = desk_and_host();
    host.send(&LIST);
    assert_eq!(host.read(6), ACK);
    assert!(host.hears_nothing());
    desk.simulator.lay_tag("A", Model::Ntag215, &message(20), None).unwrap();
    assert_eq!(host.answer()[..7], [0x4B, 1, 1, 0x00, 0x44, 0x00, 7]);
}

#[test]
fn a_search_with_few_tries_ends_by_itself() {
    let (_desk, mut host) = desk_and_host();
    assert_eq!(host.ask(&[0x32, 0x05, 0xFF, 0x01, 0x02]), [0x33]);
    assert_eq!(host.ask(&LIST), [0x4B, 0]);
}

#[test]
fn a_not_acknowledge_repeats_the_answer() {
    let (_desk, mut host) = desk_and_host();
    assert_eq!(host.ask(&[0x02]), FIRMWARE);
    host.write(&NACK);
    assert_eq!(host.answer(), FIRMWARE);
}

#[test]
fn faults_strike_once_and_the_host_can_recover() {
    let (desk, mut host) = desk_and_host();
    let fault = |fault| desk.simulator.fault("A", fault, 1).unwrap();

    fault(Fault::DropAck);
    host.send(&[0x02]);
    assert_eq!(host.answer(), FIRMWARE);

    fault(Fault::BadChecksum);
    host.send(&[0x02]);
    assert_eq!(host.read(6), ACK);
    assert!(!host.packet().1);
    host.write(&NACK);
    assert_eq!(host.answer(), FIRMWARE);

    fault(Fault::Stall);
    host.send(&[0x02]);
    assert_eq!(host.read(6), ACK);
    assert!(host.hears_nothing());
    assert_eq!(host.ask(&[0x02]), FIRMWARE);

    fault(Fault::ErrorFrame);
    assert_eq!(host.ask_for_packet(&[0x02]), [0x7F]);
    assert_eq!(host.ask(&[0x02]), FIRMWARE);
}

#[test]
fn a_cut_or_senseless_answer_is_sent_right_when_asked_for_again() {
    let (desk, mut host) = desk_and_host();
    for (fault, length) in [(Fault::CutAnswer, 6), (Fault::Garbage, 13)] {
        desk.simulator.fault_after("A", fault, 1, 1).unwrap();
        assert_eq!(host.ask(&[0x02]), FIRMWARE);
        host.send(&[0x02]);
        assert_eq!(host.read(6), ACK);
        assert_eq!(host.read(length).len(), length);
        assert!(host.hears_nothing());
        host.write(&NACK);
        assert_eq!(host.answer(), FIRMWARE);
    }
}

#[test]
fn a_chip_that_hangs_or_is_unplugged_says_nothing_until_it_is_back() {
    let (desk, mut host) = desk_and_host();
    let mute = |host: &mut Host| {
        host.send(&[0x02]);
        host.write(&NACK);
        assert!(host.hears_nothing());
    };
    desk.simulator.fault("A", Fault::Deaf, 1).unwrap();
    mute(&mut host);
    mute(&mut host);
    desk.simulator.reset("A").unwrap();
    assert_eq!(host.ask(&[0x02]), FIRMWARE);

    desk.simulator.unplug("A").unwrap();
    mute(&mut host);
    desk.simulator.reset("A").unwrap();
    mute(&mut host);
    desk.simulator.plug("A").unwrap();
    assert_eq!(host.ask(&[0x02]), FIRMWARE);
}

#[test]
fn spared_faults_do_not_strike() {
    let (desk, mut host) = desk_and_host();
    desk.simulator.fault("A", Fault::Stall, 9).unwrap();
    desk.simulator.fault("A", Fault::Nak, 9).unwrap();
    desk.simulator.spare("A").unwrap();
    desk.simulator.lay_tag("A", Model::Ntag215, &message(20), None).unwrap();
    assert_eq!(host.ask(&LIST)[..2], [0x4B, 1]);
    assert_eq!(host.ask(&[0x40, 0x01, 0x30, 0x04])[..2], [0x41, 0x00]);
}

#[test]
fn traffic_is_counted_until_it_is_asked_for() {
    let (desk, mut host) = desk_and_host();
    host.ask(&[0x02]);
    let counted = desk.simulator.counters("A").unwrap();
    let expected = Counters { commands: 1, to_chip: 9, from_chip: 6 + 13, ..Counters::default() };
    assert_eq!(counted, expected);
    assert_eq!(desk.simulator.counters("A").unwrap(), Counters::default());
}

#[test]
fn at_a_given_pace_every_byte_takes_its_time() {
    let desk = Desk::with_baud(9_600);
    let mut host = Host::open(&desk.path("A"));
    let echo = [&[0x00, 0x00][..], &[0x5A; 100]].concat();
    let started = Instant::now();
    host.ask(&echo);
    let counted = desk.simulator.counters("A").unwrap();
    let bits = 10 * u32::try_from(counted.to_chip + counted.from_chip).unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1) * bits / 9_600);
}

#[test]
fn a_second_host_may_come_after_the_first() {
    let desk = Desk::new();
    for _ in 0..2 {
        let mut host = Host::open(&desk.path("A"));
        assert_eq!(host.ask(&[0x02]), FIRMWARE);
    }
}

#[test]
fn links_go_with_the_simulator() {
    let desk = Desk::new();
    assert!(desk.path("A").exists());
    desk.simulator.stop();
    assert!(!desk.path("A").is_symlink());
}
