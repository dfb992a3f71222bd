use expect_test::expect;

use tapcard_protocol::{AccountId, TerminalId};

use super::*;

const NOBODYS: &str = "cloud = \"https://a.example\"\n";

const FILE: &str = r#"
account = "0000000000001"
terminal = "0000000000002"
cloud = "https://cards.example.org"
code = "abcd-efgh-ijkl-mnop"
broker = "mqtts://mqtt.example.org"
staff_pin = "2468"

[image]
ca = """
-----BEGIN CERTIFICATE-----
MIIB
-----END CERTIFICATE-----
"""
timezone = "Europe/Berlin"
ntp = ["time.example.org", "192.0.2.1"]
proxy = "http://192.0.2.9:3128"
rotation = 90
scale = 1.25

[[image.wifi]]
name = "Hall 3; [x]"
password = "  p\\ss=wörd"

[[image.wifi]]
name = "Staff"
user = "kiosk"
password = "x"

[image.wired]
address = "192.0.2.20/24"
gateway = "192.0.2.1"
dns = ["192.0.2.1", "192.0.2.2"]
"#;

/// What becomes of the operator's file below this folder, and whether everybody may read it.
fn told(folder: &str) -> String {
    let placed = plan(FILE, "/data", Held::default()).unwrap();
    let placed = placed.iter().filter(|it| it.path.starts_with(folder));
    placed.map(|it| format!("== {} {}\n{}", it.path.display(), it.is_public, it.text)).collect()
}

#[test]
fn an_operators_file_becomes_the_kiosks_settings_and_the_systems() {
    expect![[r#"
        == tapcard/kiosk.toml false
        account = "0000000000001"
        broker = "mqtts://mqtt.example.org"
        ca_file = "/data/tapcard/ca.pem"
        cloud = "https://cards.example.org"
        code = "abcd-efgh-ijkl-mnop"
        key_file = "/data/tapcard/terminal.key"
        staff_pin = "2468"
        stick = "/run/stick"
        store = "/data/tapcard/kiosk.db"
        terminal = "0000000000002"

        [reader]
        port = "/dev/tapcard-nfc"

        [upkeep]
        floor = "/data/system/floor"
        inbox = "/data/tapcard/inbox"
        == tapcard/ca.pem false
        -----BEGIN CERTIFICATE-----
        MIIB
        -----END CERTIFICATE-----
        == system/environment false
        SLINT_KMS_ROTATION=90
        SLINT_SCALE_FACTOR=1.25
        HTTPS_PROXY=http://192.0.2.9:3128
        TZ=Europe/Berlin
        == system/timesyncd.conf true
        [Time]
        NTP=time.example.org 192.0.2.1
    "#]]
    .assert_eq(&(told("tapcard") + &told("system")));
}

#[test]
fn networks_become_network_managers_own() {
    expect![[r#"
        == network/tapcard-wifi-0.nmconnection false
        [connection]
        id=tapcard-wifi-0
        type=wifi
        autoconnect-priority=100

        [wifi]
        mode=infrastructure
        ssid=72;97;108;108;32;51;59;32;91;120;93;

        [wifi-security]
        key-mgmt=wpa-psk
        psk=\s\sp\\ss=wörd
        == network/tapcard-wifi-1.nmconnection false
        [connection]
        id=tapcard-wifi-1
        type=wifi
        autoconnect-priority=99

        [wifi]
        mode=infrastructure
        ssid=83;116;97;102;102;

        [wifi-security]
        key-mgmt=wpa-eap

        [802-1x]
        eap=peap;
        identity=kiosk
        password=x
        phase2-auth=mschapv2
        system-ca-certs=true
        == network/tapcard-wired.nmconnection false
        [connection]
        id=tapcard-wired
        type=ethernet
        autoconnect-priority=200

        [ipv4]
        method=manual
        address1=192.0.2.20/24,192.0.2.1
        dns=192.0.2.1;192.0.2.2;

        [ipv6]
        method=auto
    "#]]
    .assert_eq(&told("network"));
}

#[test]
fn a_file_from_kiosk_add_is_enough() {
    let placed = plan(NOBODYS, "/data", Held::default()).unwrap();
    let names: Vec<String> = placed.iter().map(|it| it.path.display().to_string()).collect();
    assert_eq!(names, ["tapcard/kiosk.toml", "system/environment", "system/timesyncd.conf"]);
    assert_eq!(placed[1].text, "");
    // What was made of it can be read as the kiosk does.
    assert!(config::parse(&placed[0].text).is_ok());
}

#[test]
fn a_wrong_line_is_named() {
    let wrong = FILE.replace("rotation = 90", "rotate = 90");
    assert!(plan(&wrong, "/data", Held::default()).err().unwrap().starts_with("line 18, `rotate`"));
}

#[test]
fn who_owns_a_kiosk_keeps_it() {
    let owned =
        |terminal| Some(Owned { account: AccountId::new(1), terminal: TerminalId::new(terminal) });
    let held = |terminal| Held { owned: owned(terminal), found: None };
    assert!(plan(FILE, "/data", held(2)).is_ok());
    for (file, held) in [(FILE, held(3)), (NOBODYS, held(2))] {
        let said = plan(file, "/data", held).err().unwrap();
        assert!(said.contains("sign it out"), "{said}");
    }
    // Who found an owner at the first start stays that owner's.
    let found = Held { owned: owned(2), found: owned(2) };
    assert!(plan(NOBODYS, "/data", found).is_ok());
}
