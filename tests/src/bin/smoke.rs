//! `make smoke`: plays the whole journey once, without a display, and says how long each step took.
//!
//! Pictures of every screen and page are left in `target/smoke/`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use tapcard_tests::browser::Browser;
use tapcard_tests::cast::Cast;
use tapcard_tests::patience::wait;
use tapcard_tests::people::CY;
use tapcard_tests::visitor::Visitor;

/// How long a row may take to stand in the database.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    match journey() {
        Ok(()) => {
            say("all six parts of the journey held");
            ExitCode::SUCCESS
        }
        Err(why) => {
            say(&format!("failed: {why:#}"));
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    // Nobody can be told when the output is closed.
    let _ = writeln!(io::stdout(), "{line}");
}

/// Does one step and prints its time.
fn step<T>(name: &str, what: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let start = Instant::now();
    let done = what().with_context(|| name.to_owned())?;
    say(&format!("{:>7} ms  {name}", start.elapsed().as_millis()));
    Ok(done)
}

fn journey() -> anyhow::Result<()> {
    let pictures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/smoke");
    let _ = fs::remove_dir_all(&pictures);
    fs::create_dir_all(&pictures).context("making the folder for the pictures")?;
    let mut cast =
        step("Postgres, broker, worker, simulator, kiosk and two pages are up", Cast::gather)?;
    let played = play(&mut cast, &pictures);
    keep_screens(&mut cast, &pictures)?;
    if played.is_err() {
        say(&cast.world.logs());
        say(&format!("--- kiosk\n{}", cast.kiosk.plan.log()));
    }
    played
}

fn play(cast: &mut Cast, pictures: &Path) -> anyhow::Result<()> {
    bo_swaps(cast, pictures)?;
    cy_swaps(cast)?;
    ada_edits(cast)?;
    bo_edits(cast)?;
    reports(cast)?;
    cast.draw(pictures, "5-end")?;
    dana_comes(cast, pictures)
}

fn bo_swaps(cast: &mut Cast, pictures: &Path) -> anyhow::Result<()> {
    step("1 Bo's badge is read and shown", || {
        cast.touch("ios.vcf")?;
        cast.kiosk.see_text("Bo Okafor")
    })?;
    step("1 Bo swaps, the kiosk keeps his card", || {
        cast.kiosk.press("Swap")?;
        cast.kiosk.see("done")
    })?;
    step("1 the receipt is shown", || cast.kiosk.see_text("Kept in the cloud too"))?;
    cast.radio.clear(tapcard_tests::cast::CHIP)?;
    step("1 page B shows the offer", || {
        cast.browser.see("B", "Ada Lindqvist")?;
        cast.browser.see("B", tapcard_tests::kiosk::PLACE)
    })?;
    cast.draw(pictures, "1-offer")?;
    step("1 Bo accepts, page B shows Ada", || {
        cast.browser.press("B", "Accept")?;
        cast.browser.see("B", "Halden Instruments")
    })?;
    step("1 both links are live", || {
        let mut db = cast.world.postgres.client()?;
        wait("both links", PATIENCE, || {
            let live: i64 =
                db.query_one("select count(*) from contact where link = 'live'", &[])?.get(0);
            Ok((live == 2).then_some(()))
        })
    })
}

fn cy_swaps(cast: &mut Cast) -> anyhow::Result<()> {
    step("2 the kiosk is ready for the next visitor", || cast.kiosk.see("attract"))?;
    step("2 Cy's badge is read, Cy swaps", || cast.swap("android.vcf"))?;
    step("2 Cy's account is unclaimed, the contact is kept, nothing is delivered", || {
        let mut db = cast.world.postgres.client()?;
        wait("Cy's account", PATIENCE, || {
            let row = db.query_opt(
                "select c.link from account a join identifier using (account_id)
                 join contact c on c.owner_id = a.account_id
                 where identifier = $1 and a.state = 'unclaimed' and c.account_id = $2 and c.snapshot is not null
                     and not exists (select from terminal t where t.account_id = a.account_id)",
                &[&CY, &cast.ada.as_i64()],
            )?;
            Ok(row.filter(|it| it.get::<_, &str>(0) == "offered").map(drop))
        })
    })?;
    step("2 the kiosk is ready again", || cast.kiosk.see("attract"))
}

fn ada_edits(cast: &mut Cast) -> anyhow::Result<()> {
    step("3 Ada edits her card on the kiosk and tells her partners", || {
        cast.edit_on_kiosk("Managing Director")
    })?;
    step("3 page B shows it", || cast.browser.see("B", "Managing Director"))?;
    step("3 Ada's own page shows it", || cast.browser.see("A", "Managing Director"))
}

fn bo_edits(cast: &mut Cast) -> anyhow::Result<()> {
    step("4 Bo edits his card on page B", || cast.edit_on_page("Head of Procurement"))?;
    step("4 kiosk K shows it", || cast.kiosk.see_text("Head of Procurement"))?;
    step("4 page A shows it", || cast.browser.see("A", "Head of Procurement"))
}

fn reports(cast: &mut Cast) -> anyhow::Result<()> {
    step("5 the reports of both are in the database", || {
        let mut db = cast.world.postgres.client()?;
        wait("the reports", PATIENCE, || {
            let row = db.query_one(
                "select count(*) filter (where d.account_id = $1 and d.holder_id = $2),
                        count(*) filter (where d.account_id = $2 and d.holder_id = $1)
                 from delivery d join account a using (account_id)
                 where d.outcome = 'applied' and d.edition = a.edition",
                &[&cast.ada.as_i64(), &cast.bo.as_i64()],
            )?;
            // Of Ada's card: page B. Of Bo's: kiosk K and page A.
            Ok((row.get::<_, i64>(0) == 1 && row.get::<_, i64>(1) == 2).then_some(()))
        })
    })
}

/// Dana's number.
const DANA: &str = "+49 171 3920077";

fn dana_comes(cast: &mut Cast, pictures: &Path) -> anyhow::Result<()> {
    let token = step("6 Dana, whom nobody knows, holds her phone to the kiosk", || {
        cast.kiosk.press("Lock")?;
        cast.kiosk.see("attract")?;
        cast.radio.hold_a_phone(tapcard_tests::cast::CHIP)
    })?;
    let visitor = Visitor::new(&cast.world, token)?;
    let address = format!("{}/T/{token}", cast.world.web()?);
    let draw = |browser: &mut Browser, name: &str| {
        browser.shot("D", &pictures.join(format!("6-visit-{name}.png")))
    };
    let browser = &mut cast.browser;
    step("6 her browser, which runs no script, shows Ada's card", || {
        browser.open_plain("D", &address)?;
        browser.see("D", "Ada Lindqvist’s card is yours")?;
        draw(browser, "1-card")?;
        browser.follow("D", "Send mine back")?;
        draw(browser, "2-number")
    })?;
    step("6 she proves her number", || {
        browser.fill("D", "Mobile number, with country code", DANA)?;
        browser.press("D", "Send me a code")?;
        browser.see("D", "Your code")?;
        draw(browser, "3-code")?;
        browser.fill("D", "Code", &visitor.code(DANA, 0)?)?;
        browser.press("D", "Go on")?;
        browser.see("D", "Write your card")
    })?;
    step("6 she writes her card and sends it", || {
        draw(browser, "4-write")?;
        browser.fill("D", "Name", "Dana Roth")?;
        browser.fill("D", "Organisation", "Brightwater Foods")?;
        browser.press("D", "Save my card")?;
        browser.see("D", "Send this to Ada Lindqvist?")?;
        draw(browser, "5-confirm")?;
        browser.press("D", "Send my card")?;
        browser.see("D", "Swapped")?;
        draw(browser, "6-sent")
    })?;
    step("6 Ada's page shows her", || browser.see("A", "Dana Roth"))
}

fn keep_screens(cast: &mut Cast, pictures: &Path) -> anyhow::Result<()> {
    cast.kiosk.stop()?;
    for screen in fs::read_dir(cast.kiosk.plan.screens())
        .context("looking for the kiosk's pictures")?
        .flatten()
    {
        let name = format!("kiosk-{}", screen.file_name().display());
        fs::copy(screen.path(), pictures.join(name)).context("keeping a picture")?;
    }
    Ok(())
}
