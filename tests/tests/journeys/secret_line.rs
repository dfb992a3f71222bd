//! The line between kiosk and broker, which nobody may listen in on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tapcard_tests::World;
use tapcard_tests::kiosk::KioskPlan;
use tapcard_tests::patience::wait;
use tapcard_tests::people::ADA;
use tapcard_tests::radio::Radio;

use crate::kills::{rows, swap};

const PATIENCE: Duration = Duration::from_secs(20);

/// Lets a kiosk speak over TLS, to a broker that this authority has signed, as a line of its settings names it.
fn secretly(world: &World, plan: KioskPlan, authority: &str) -> anyhow::Result<KioskPlan> {
    let file = plan.configuration();
    let plain = format!("mqtt://127.0.0.1:{}", world.broker_port());
    let secret = format!("mqtts://127.0.0.1:{}", world.broker.tls());
    let settings = fs::read_to_string(&file)?;
    anyhow::ensure!(settings.contains(&plain), "no {plain} in the settings");
    fs::write(file, settings.replace(&plain, &secret))?;
    plan.thanking_for(15)?.set(authority)
}

#[test]
fn a_kiosk_speaks_over_tls_and_to_nobody_elses_broker() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let radio = Radio::quick(&world.path(""), &["A", "B", "C"])?;

    let stranger = world.path("stranger.pem");
    let key = rcgen::KeyPair::generate()?;
    fs::write(&stranger, rcgen::CertificateParams::new(vec![])?.self_signed(&key)?.pem())?;
    let plan = secretly(&world, world.kiosk_plan(ada, &radio, "B")?, &file(&stranger))?;
    let mut kiosk = plan.start()?;
    wait("a word about the certificate", PATIENCE, || {
        Ok(plan.log().contains("certificate").then_some(()))
    })?;
    radio
        .lay("B", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo\r\nTEL:+8613900000001\r\nEND:VCARD\r\n")?;
    swap(&mut kiosk)?;
    let exchanges = "select count(*) from exchange";
    let n_sent: i64 = world.postgres.client()?.query_one(exchanges, &[])?.get(0);
    assert_eq!((n_sent, rows(&plan.store())? > 0), (0, true), "it left, or was lost");
    drop(kiosk);

    let authority = world.broker.own_certificates().join("ca.pem");
    let fingerprint = world.broker.fingerprint()?;
    for (chip, authority) in
        [("A", file(&authority)), ("C", format!("ca_sha256 = \"{fingerprint}\""))]
    {
        let plan = secretly(&world, world.kiosk_plan(ada, &radio, chip)?, &authority)?;
        let mut kiosk = plan.start()?;
        let badge = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cy\r\nTEL:+8613900000002\r\nEND:VCARD\r\n";
        radio.lay(chip, badge)?;
        swap(&mut kiosk)?;
        kiosk.see_text("Kept in the cloud too")?;
    }
    Ok(())
}

/// The line of the settings that names an authority by its file.
fn file(path: &Path) -> String {
    format!("ca_file = {path:?}")
}
