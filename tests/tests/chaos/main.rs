//! Everything at once: exchanges and edits while messages are lost and doubled, connections are cut, and broker, workers and
//! Postgres are killed and frozen. In the end nothing is lost, nothing is doubled, and every holder has the newest cards.
//!
//! `cargo test` plays a short form. `make chaos` adds `--full`: ten minutes. `TAPCARD_SEED` repeats a run's chances, and a word
//! such as `workers` plays the scenes of that name alone.

mod storm;
mod terminal;
mod verdict;
mod wire;

use std::fs;
use std::io::{Write, stdout};
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{CardUpdate, Direction, Exchange, Task};
use tapcard_protocol::{Card, Edition, Identifier};
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::chance::Chance;
use tapcard_tests::clock::{self, Clock};
use tapcard_tests::people::card_file;
use tapcard_tests::postgres::Postgres;
use tempfile::TempDir;

use storm::{Clocks, Cloud};
use terminal::{Terminal, Who};
use verdict::{Asked, judge};
use wire::Wire;

/// How much is played.
struct Extent {
    /// How long the storm lasts.
    time: Duration,
    n_exchanges: usize,
    n_updates: usize,
}

/// Each of the two scenes.
const SHORT: Extent = Extent { time: Duration::from_secs(20), n_exchanges: 600, n_updates: 40 };
const FULL: Extent = Extent { time: Duration::from_secs(300), n_exchanges: 5_000, n_updates: 250 };
/// Accounts, each with a kiosk and a phone, that all follow one another.
const ACCOUNTS: usize = 6;
/// People whom two kiosks meet at the same time.
const STRANGERS: usize = 1_000;
/// The database's disk, in megabytes.
const DISK: u32 = 256;
/// Between two blows.
const PAUSE: Duration = Duration::from_millis(2_500);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_full = words.iter().any(|word| word == "--full");
    let wanted: Vec<&str> =
        words.iter().map(String::as_str).filter(|it| !it.starts_with("--")).collect();
    match play(if is_full { &FULL } else { &SHORT }, &wanted) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            let _ = writeln!(stdout(), "the chaos could not be played: {why:#}");
            ExitCode::FAILURE
        }
    }
}

/// Plays the scenes whose names have one of these words in them, or all; how many rules were broken.
fn play(extent: &Extent, wanted: &[&str]) -> anyhow::Result<usize> {
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| name.contains(it));
    let (mut chance, seed) = Chance::from_environment()?;
    writeln!(stdout(), "TAPCARD_SEED={seed}")?;
    let scenes = [
        ("one worker", 1, ""),
        ("two workers that both own everything", 2, "[work]\neverything = true\n"),
    ];
    let mut n_broken = 0;
    for (name, n_workers, settings) in scenes.into_iter().filter(|it| is_wanted(it.0)) {
        n_broken += scene(extent, &mut chance, name, n_workers, settings)?;
    }
    if is_wanted("strangers") {
        n_broken += strangers()?;
    }
    clock::sweep();
    Ok(n_broken)
}

fn scene(
    extent: &Extent,
    chance: &mut Chance,
    name: &str,
    n_workers: usize,
    settings: &str,
) -> anyhow::Result<usize> {
    let began = Instant::now();
    let (world, clocks, _folder) = begin()?;
    let people = gather(&world)?;
    let wire = Wire::lay(world.broker_port(), chance)?;
    let mut cloud = Cloud::serve(world, clocks, n_workers, settings)?;
    let start = |it: &Who| Terminal::start(it.clone(), wire.port);
    let kiosks: Vec<Terminal> = people.iter().map(|it| start(&it.0)).collect();
    let phones: Vec<Terminal> = people.iter().map(|it| start(&it.1)).collect();

    let asked = storm(extent, chance, &mut cloud, &kiosks, &phones)?;
    wire.weather.is_calm.store(true, Ordering::Relaxed);
    let broken = judge(&cloud.world, &kiosks, &phones, &asked)?;
    let mut out = stdout();
    let weather = [&wire.weather.lost, &wire.weather.repeated, &wire.weather.cut];
    let [lost, repeated, cut] = weather.map(|it| it.load(Ordering::Relaxed));
    writeln!(
        out,
        "{name}: {} exchanges, {} edits; killed {:?}; messages lost {lost}, repeated {repeated}, connections cut {cut}; \
         {} broken rules after {} s",
        asked.exchanges.len(),
        asked.updates.iter().sum::<u32>(),
        cloud.damage,
        broken.len(),
        began.elapsed().as_secs()
    )?;
    for it in &broken {
        writeln!(out, "BROKEN: {it}")?;
    }
    if !broken.is_empty() {
        writeln!(out, "{}", cloud.world.logs())?;
    }
    Ok(broken.len())
}

/// A world on a small disk, with clocks that can be set; they go with the folder.
fn begin() -> anyhow::Result<(World, Clocks, TempDir)> {
    let folder = tempfile::tempdir().context("making a folder")?;
    // Postgres' user reads it too.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let clock = |name: &str| Clock::new(folder.path().join(name));
    let clocks = Clocks { workers: clock("workers")?, postgres: clock("postgres")? };
    let postgres = Postgres::start_in_trouble(DISK, clocks.postgres.clone())?;
    if postgres.disk().is_none() {
        writeln!(stdout(), "SKIPPED: no disk fills, since nothing may be mounted here")?;
    }
    Ok((World::start_with(Make::Tapcard, postgres)?, clocks, folder))
}

/// Two kiosks, which different workers may serve, meet the same thousand strangers at the same time: whoever comes second
/// must find the account that the first has drawn.
fn strangers() -> anyhow::Result<usize> {
    let began = Instant::now();
    let (world, clocks, _folder) = begin()?;
    let people = gather(&world)?;
    let port = world.broker_port();
    let cloud = Cloud::serve(world, clocks, 2, "[limits]\nnew_numbers_of_a_kiosk = 2000\n")?;
    let kiosks: Vec<Terminal> =
        people.iter().take(2).map(|it| Terminal::start(it.0.clone(), port)).collect();
    let mut asked = Asked { exchanges: vec![], updates: vec![] };
    for number in 0..STRANGERS {
        for (at, kiosk) in kiosks.iter().enumerate() {
            let touch = touch(2 * number + at);
            kiosk.give(&meeting(number as u64, &touch, Timestamp::now())?);
            asked.exchanges.push((kiosk.who.terminal.as_i64(), touch));
        }
    }
    let mut broken = judge(&cloud.world, &kiosks, &[], &asked)?;
    let drawn: i64 = cloud
        .world
        .postgres
        .client()?
        .query_one("select count(distinct peer_id) from exchange", &[])?
        .get(0);
    if drawn != STRANGERS as i64 {
        broken.push(format!("{STRANGERS} numbers have {drawn} accounts"));
    }
    let (n, took) = (broken.len(), began.elapsed().as_secs());
    writeln!(stdout(), "{STRANGERS} strangers at two kiosks: {n} broken rules after {took} s")?;
    broken.iter().try_for_each(|it| writeln!(stdout(), "BROKEN: {it}"))?;
    Ok(broken.len())
}

/// Kiosk and phone of each account. Everybody's phone follows everybody else's card.
fn gather(world: &World) -> anyhow::Result<Vec<(Who, Who)>> {
    let mut people = Vec::new();
    for number in 0..ACCOUNTS {
        let phone = format!("+49171392{number:04}");
        let account = world.account(&phone, Some(&card_file("ada.vcf")))?;
        let who = |kind| -> anyhow::Result<Who> {
            let terminal = world.terminal(account, kind)?;
            Ok(Who { account, terminal, kind, token: world.token(terminal)? })
        };
        people.push((who(Kind::Kiosk)?, who(Kind::Phone)?));
    }
    let ids: Vec<i64> = people.iter().map(|it| it.1.account.as_i64()).collect();
    world.postgres.client()?.execute(
        "insert into contact (account_id, owner_id, link)
         select holder, owner, 'live' from unnest($1::bigint[]) as holder, unnest($1::bigint[]) as owner
         where holder <> owner",
        &[&ids],
    )?;
    Ok(people)
}

/// Gives the work out over the time, and strikes meanwhile.
fn storm(
    extent: &Extent,
    chance: &mut Chance,
    cloud: &mut Cloud,
    kiosks: &[Terminal],
    phones: &[Terminal],
) -> anyhow::Result<Asked> {
    let mut asked = Asked { exchanges: vec![], updates: vec![0; phones.len()] };
    let (began, mut n_edits) = (Instant::now(), 0);
    let mut dice = chance.fork(1);
    while asked.exchanges.len() < extent.n_exchanges || n_edits < extent.n_updates {
        let part = (began.elapsed().as_secs_f64() / extent.time.as_secs_f64()).min(1.0);
        while asked.exchanges.len() < (part * extent.n_exchanges as f64) as usize {
            let number = asked.exchanges.len();
            let kiosk = &kiosks[number % kiosks.len()];
            kiosk.give(&exchange(number, &mut dice)?);
            asked.exchanges.push((kiosk.who.terminal.as_i64(), touch(number)));
        }
        for (phone, n) in phones.iter().zip(&mut asked.updates) {
            // One edit at a time: the next is made from what came of the last.
            let memory = phone.memory();
            let (is_free, base) = (memory.waiting.is_empty(), memory.own);
            drop(memory);
            if n_edits < (part * extent.n_updates as f64) as usize && is_free {
                phone.give(&edit(base.max(Edition(1)), n_edits));
                (*n, n_edits) = (*n + 1, n_edits + 1);
            }
        }
        if part < 1.0 {
            cloud.strike(chance).context("striking")?;
        }
        chance.rest(PAUSE);
    }
    Ok(asked)
}

fn touch(number: usize) -> String {
    format!("chaos {number}")
}

/// Every tenth visitor has been there before; clocks say anything between 1970 and 2060.
fn exchange(number: usize, dice: &mut Chance) -> anyhow::Result<Task> {
    let person = if number % 10 == 9 { dice.below(number as u64) } else { number as u64 };
    let at = Timestamp::from_second(i64::try_from(dice.below(2_840_000_000))?)?;
    meeting(person, &touch(number), at)
}

fn meeting(person: u64, touch: &str, at: Timestamp) -> anyhow::Result<Task> {
    Ok(Task::Exchange(Box::new(Exchange {
        direction: Direction::Both,
        partner: Some(Identifier::phone(&format!("+4917255{person:05}"), None)?),
        card: Some(Card::named(&format!("Visitor {person}"))),
        touch: touch.to_owned(),
        at,
        clock_synced: false,
        boot: None,
        place: "Hall 3".to_owned(),
        note: String::new(),
        consent: true,
        agreed: String::new(),
    })))
}

fn edit(base: Edition, number: usize) -> Task {
    let mut card = Card::named("Ada Lindqvist");
    card.set_title(&format!("Edit {number}"));
    Task::CardUpdate(CardUpdate { base, card, notify: true })
}
