//! Mail addresses that sign people in, and a mail server that nobody here wrote.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, card_file};
use tapcard_tests::program::Program;
use tapcard_tests::visitor::Visitor;
use tapcard_tests::world::free_port;
use tapcard_tests::{World, python};

const MAIL: &str = "cy@example.org";
const PATIENCE: Duration = Duration::from_secs(20);

/// Bo's account, and his browser, signed in.
fn desk() -> anyhow::Result<(World, Visitor)> {
    let world = World::start()?;
    world.account(ADA, Some(&card_file("ada.vcf")))?;
    world.account(BO, Some(&card_file("ios.vcf")))?;
    let browser = Visitor::at_front(&world)?;
    browser.sign_in_at("/sign-in", BO)?;
    Ok((world, browser))
}

/// Proves a mail address on the account's page; what the page says then.
fn bind(browser: &Visitor, address: &str) -> anyhow::Result<String> {
    let before = browser.messages(address)?.len();
    browser.send("/account/mail", &[("mail", address)])?;
    let code = browser.code(address, before)?;
    Ok(browser.send("/account/mail/enter", &[("code", &code)])?.text)
}

#[test]
fn who_has_no_number_signs_in_by_mail_and_adds_one_later() -> anyhow::Result<()> {
    let world = World::start()?;
    let browser = Visitor::at_front(&world)?;
    assert!(browser.open("/sign-in")?.text.contains("Use a mail address instead"));
    assert!(browser.open("/sign-in/mail")?.text.contains("Use a number instead"));
    for wrong in ["cy@", "cy@example.org\r\nBcc: eve@example.org", "cy@localhost"] {
        let page = browser.send("/sign-in/code", &[("to", wrong)])?.text;
        assert!(page.contains("or write a mail address"), "{page}");
    }
    let page = browser.sign_in_at("/sign-in", MAIL)?.text;
    assert!(page.contains(MAIL), "{page}");
    let fields = [("base", "0"), ("name", "Cy Chen")];
    browser.send_file("/account/card", &fields, ("picture", b""))?;
    // The same account however the address is typed.
    let other = Visitor::at_front(&world)?;
    let before = other.messages(MAIL)?.len();
    other.send("/sign-in/code", &[("to", " CY@Example.org ")])?;
    let code = other.code(MAIL, before)?;
    assert!(other.send("/sign-in/enter", &[("code", &code)])?.text.contains("Cy Chen"));

    assert!(browser.open("/account/mail")?.text.contains("cy@example.org signs you in"));
    let page = browser.send("/account/mail/leave", &[])?.text;
    assert!(page.contains("all that signs you in"), "{page}");
    browser.send("/account/number", &[("number", BO)])?;
    let code = browser.code(BO, 0)?;
    browser.send("/account/number/enter", &[("code", &code)])?;
    let page = browser.open("/account")?.text;
    assert!(
        page.contains("+447700900142, cy@example.org"),
        "a first number waits for nothing: {page}"
    );
    let by_number = Visitor::at_front(&world)?;
    assert!(by_number.sign_in_at("/sign-in", BO)?.text.contains("Cy Chen"));
    assert!(!browser.send("/account/mail/leave", &[])?.text.contains("all that signs you in"));
    assert!(!Visitor::at_front(&world)?.sign_in_at("/sign-in", MAIL)?.text.contains("Cy Chen"));
    Ok(())
}

#[test]
fn a_mail_address_brings_its_owner_back_and_nobody_else() -> anyhow::Result<()> {
    let (world, bo) = desk()?;
    assert!(bind(&bo, "bo@example.org")?.contains("bo@example.org signs you in"));
    let ada = Visitor::at_front(&world)?;
    ada.sign_in_at("/sign-in", ADA)?;
    assert!(bind(&ada, "bo@example.org")?.contains("signs another account in"));
    world.postgres.client()?.batch_execute(
        "update terminal set seen_at = now() - interval '100 days', created_at = now() - interval '200 days';
         update web_session set made_at = now() - interval '100 days'",
    )?;
    let owner = Visitor::at_front(&world)?;
    let page = owner.sign_in_at("/sign-in", "bo@example.org")?.text;
    assert!(page.contains("Bo Okafor") && page.contains("Is +447700900142 still yours?"), "{page}");
    let stranger = Visitor::at_front(&world)?;
    assert!(stranger.sign_in_at("/sign-in", BO)?.text.contains("This number was used before"));
    // What is most private asks for a fresh code all the same.
    world
        .postgres
        .client()?
        .batch_execute("update web_session set proved_at = now() - interval '1 hour'")?;
    assert!(owner.open("/account/mail")?.text.contains("We send you a code first"));
    Ok(())
}

#[test]
fn two_addresses_at_the_same_moment_leave_one() -> anyhow::Result<()> {
    let (world, bo) = desk()?;
    let other = Visitor::at_front(&world)?;
    other.sign_in_at("/sign-in", BO)?;
    let asked =
        [(bo, "bo@example.org"), (other, "okafor@example.org")].map(|(browser, address)| {
            browser.send("/account/mail", &[("mail", address)])?;
            let code = browser.code(address, 0)?;
            anyhow::Ok((browser, code))
        });
    let (mut gate, mut db) = (world.postgres.client()?, world.postgres.client()?);
    let mut closed = gate.transaction()?;
    closed.batch_execute("lock table mail_address in share row exclusive mode")?;
    let both = asked.into_iter().map(|it| {
        let (browser, code) = it?;
        let enter = move || browser.send("/account/mail/enter", &[("code", &code)]).map(drop);
        anyhow::Ok(thread::spawn(enter))
    });
    let both = both.collect::<Result<Vec<_>, _>>()?;
    let text = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
    wait("both to stand at the gate", PATIENCE, || {
        let n_waiting: i64 = db.query_one(text, &[])?.get(0);
        Ok((n_waiting == 2).then_some(()))
    })?;
    closed.commit()?;
    for it in both {
        it.join().expect("a browser's thread")?;
    }
    let n_addresses: i64 = db.query_one("select count(*) from mail_address", &[])?.get(0);
    assert_eq!(n_addresses, 1);
    Ok(())
}

#[test]
fn nobody_is_flooded_by_mail_and_nobody_learns_whose_address_is_known() -> anyhow::Result<()> {
    let (world, bo) = desk()?;
    bind(&bo, "bo@example.org")?;
    let front = Visitor::at_front(&world)?;
    let asked = |to: &str| anyhow::Ok(front.send("/sign-in/code", &[("to", to)])?.text);
    assert_eq!(asked("bo@example.org")?, asked("nobody-here@example.org")?);
    assert!(asked("bo@example.org")?.contains("Your code"));
    assert!(asked("bo@example.org")?.contains("Too many codes"), "a fourth code in an hour");
    Ok(())
}

#[test]
fn of_a_closed_account_no_mail_address_is_kept() -> anyhow::Result<()> {
    let (world, bo) = desk()?;
    bind(&bo, "bo.okafor@example.org")?;
    let is_kept = || anyhow::Ok(world.postgres.dump()?.contains("bo.okafor@example.org"));
    assert!(is_kept()?);
    let mut db = world.postgres.client()?;
    let id: i64 = db
        .query_one("select account_id from identifier where identifier = '+447700900142'", &[])?
        .get(0);
    let id = tapcard_protocol::AccountId::from(id).to_string();
    world.operate(&["account", "cancel", &id, "--now"])?;
    assert!(!is_kept()?);
    Ok(())
}

/// aiosmtpd, and the worker's settings for it.
struct Server {
    _program: Program,
    maildir: std::path::PathBuf,
    settings: String,
}

impl Server {
    fn start(world: &World, mode: &str) -> anyhow::Result<Server> {
        let file = |name: &str| world.path(&format!("{mode}-{name}"));
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        fs::write(file("certificate"), made.cert.pem())?;
        fs::write(file("key"), made.signing_key.serialize_pem())?;
        fs::write(file("password"), "correct horse\n")?;
        let (port, maildir) = (free_port()?, file("maildir"));
        let mut command = python::script("mail/server.py")?;
        command.arg(port.to_string()).arg(&maildir);
        command.arg(file("certificate")).arg(file("key")).args([mode, "tapcard", "correct horse"]);
        let log = file("log");
        let program = Program::start("aiosmtpd", &mut command, &log)?;
        let is_ready = || Ok(fs::read_to_string(&log)?.contains("ready").then_some(()));
        wait("the mail server", PATIENCE, is_ready)?;
        let settings = format!(
            "[mail.submission]\nhost = \"localhost\"\nport = {port}\nstarttls = {}\nfrom = \"Tapcard <cards@example.org>\"\n\
             user = \"tapcard\"\npassword_file = {:?}\nca = {:?}\n",
            mode == "starttls",
            file("password"),
            file("certificate"),
        );
        Ok(Server { _program: program, maildir, settings })
    }

    /// The only mail that it has.
    fn mail(&self) -> anyhow::Result<String> {
        let mails = fs::read_dir(self.maildir.join("new"))?.collect::<Result<Vec<_>, _>>()?;
        anyhow::ensure!(mails.len() == 1, "{} mails", mails.len());
        Ok(fs::read_to_string(mails[0].path())?)
    }
}

#[test]
fn codes_go_out_through_a_mail_server_over_tls_alone() -> anyhow::Result<()> {
    let mut world = World::start()?;
    for mode in ["tls", "starttls"] {
        let server = Server::start(&world, mode)?;
        world.configure_worker("worker", &server.settings)?;
        world.start_worker()?;
        let (browser, me) = (Visitor::at_front(&world)?, format!("{mode}@example.org"));
        assert!(
            browser.send("/sign-in/code", &[("to", &me)])?.text.contains("Your code"),
            "{mode}"
        );
        let mail = server.mail()?;
        for line in [
            "From: Tapcard <cards@example.org>",
            &format!("To: {me}"),
            "Subject: Your Tapcard code",
        ] {
            assert!(mail.contains(line), "{mail}");
        }
        let code = mail.trim_end().rsplit_once('#').context("a mail without a code")?.1;
        assert!(browser.send("/sign-in/enter", &[("code", code)])?.text.contains(&me));

        // What a server refuses is our trouble, and its words, which quote the address, stay out of the log.
        let page = browser.send("/sign-in/code", &[("to", "nobody@example.org")])?.text;
        assert!(page.contains("Something is in the way on our side"), "{page}");
        let log = fs::read_to_string(world.path("worker.log"))?;
        assert!(log.contains("the mail server refused a message (550)"), "{log}");
        assert!(!log.contains("nobody@") && !log.contains(&me), "{log}");

        // Nothing goes to a server that cannot show whose it is.
        let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        fs::write(world.path(&format!("{mode}-certificate")), other.cert.pem())?;
        world.start_worker()?;
        let page = Visitor::at_front(&world)?.send("/sign-in/code", &[("to", &me)])?.text;
        assert!(page.contains("Something is in the way on our side"), "{page}");
        server.mail()?;
    }
    Ok(())
}
