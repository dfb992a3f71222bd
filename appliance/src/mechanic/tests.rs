use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use std::sync::mpsc::channel;

use super::*;
use crate::trust::{self, Authorities};

/// A kiosk with a place for sticks, and an operator's key.
struct Workshop {
    folder: tempfile::TempDir,
    places: Places,
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

impl Workshop {
    fn open() -> Workshop {
        let folder = tempfile::tempdir().unwrap();
        let place = |it: &str| folder.path().join(it);
        for who in ["operator", "stranger"] {
            let mut make = Command::new("openssl");
            make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=somebody"]);
            make.arg("-keyout").arg(place(&format!("{who}.key")));
            run(make.arg("-out").arg(place(&format!("{who}.pem"))));
        }
        // As a kiosk has it: whose signature counts; it says that it installs, and nothing is installed.
        let installer = place("installer");
        let script = format!(
            "#!/bin/sh\nif [ $1 = install ]; then echo ' 50% Copying'; exec test -s $2; fi\n\
             exec rauc --keyring={} \"$@\"\n",
            place("operator.pem").display()
        );
        fs::write(&installer, script).unwrap();
        fs::set_permissions(&installer, fs::Permissions::from_mode(0o755)).unwrap();
        let places = Places {
            installer,
            stick: Some(place("stick")),
            inbox: place("inbox"),
            floor: place("floor"),
            demands: trust::demands(&Authorities::World).unwrap(),
            held: Held::default(),
        };
        Workshop { folder, places }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bundle(&self, who: &str, kind: &str, version: &str) -> PathBuf {
        let (content, bundle) = (tempfile::tempdir().unwrap(), self.path("new.raucb"));
        let _ = fs::remove_file(&bundle);
        let mut fill = Command::new("openssl");
        fill.args(["rand", "-out"]).arg(content.path().join("root.ext4"));
        run(fill.arg("65536"));
        let manifest = format!(
            "[update]\ncompatible={kind}\nversion={version}\n\
             [bundle]\nformat=verity\n[image.root]\nfilename=root.ext4\n"
        );
        fs::write(content.path().join("manifest.raucm"), manifest).unwrap();
        let mut make = Command::new("rauc");
        make.arg("--cert").arg(self.path(&format!("{who}.pem")));
        make.arg("--key").arg(self.path(&format!("{who}.key")));
        run(make.arg("bundle").arg(content.path()).arg(&bundle));
        bundle
    }

    fn plug_in(&self, bundle: &Path) {
        let stick = self.path("stick");
        fs::create_dir_all(&stick).unwrap();
        fs::copy(bundle, stick.join("kiosk.raucb")).unwrap();
    }

    fn looks(&self) -> Result<Upkeep, Unfit> {
        self.places.look()
    }
}

#[test]
fn only_an_update_that_counts_is_found() {
    let shop = Workshop::open();
    assert_eq!(shop.looks(), Ok(Upkeep::Found(Supplies::default())), "there is no stick");
    shop.plug_in(&shop.bundle("operator", "tapcard-kiosk", "0.2.0"));
    let update = Some("0.2.0".to_owned());
    let found = Supplies { has_stick: true, has_settings: false, update };
    assert_eq!(shop.looks(), Ok(Upkeep::Found(found)));
    fs::write(shop.path("floor"), "0.3.0").unwrap();
    assert_eq!(shop.looks(), Err(Unfit::Older));
    shop.plug_in(&shop.bundle("operator", "toaster", "0.4.0"));
    assert_eq!(shop.looks(), Err(Unfit::OtherKind));
    let foreign = shop.bundle("stranger", "tapcard-kiosk", "0.4.0");
    shop.plug_in(&foreign);
    assert_eq!(shop.looks(), Err(Unfit::Foreign));
    fs::write(&foreign, "not much").unwrap();
    shop.plug_in(&foreign);
    assert_eq!(shop.looks(), Err(Unfit::Broken));
}

#[test]
fn an_update_is_brought_installed_and_leaves_nothing() {
    let shop = Workshop::open();
    shop.plug_in(&shop.bundle("operator", "tapcard-kiosk", "0.2.0"));
    let (tell, told) = channel();
    let tell = move |it| drop(tell.send(it));
    assert_eq!(shop.places.install(&tell), Ok(Upkeep::Ready));
    let steps: Vec<Upkeep> = told.try_iter().collect();
    assert_eq!(steps, [Upkeep::Working(30), Upkeep::Working(65)]);
    assert_eq!(fs::read_dir(shop.path("inbox")).unwrap().count(), 0);
    // What was changed on its way is not even shown to the installer.
    shop.plug_in(&shop.bundle("stranger", "tapcard-kiosk", "0.2.0"));
    assert_eq!(shop.places.install(&tell), Err(Unfit::Foreign));
    assert_eq!(fs::read_dir(shop.path("inbox")).unwrap().count(), 0);
}

/// Answers one question with a file.
fn serve(file: &Path) -> (String, thread::JoinHandle<()>) {
    let (listener, bytes) = (TcpListener::bind("127.0.0.1:0").unwrap(), fs::read(file).unwrap());
    let address = format!("http://{}/kiosk.raucb", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = BufReader::new(stream.try_clone().unwrap());
        assert!(asked.lines().map_while(Result::ok).any(|it| it.is_empty()));
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len()).unwrap();
        stream.write_all(&bytes).unwrap();
    });
    (address, served)
}

#[test]
fn what_the_cloud_offers_is_fetched_and_no_other_thing() {
    let shop = Workshop::open();
    let bundle = shop.bundle("operator", "tapcard-kiosk", "0.2.0");
    let said = run(Command::new("sha256sum").arg(&bundle)).stdout;
    let sum = String::from_utf8_lossy(&said)[..64].to_owned();
    for (sum, outcome) in [(sum, Ok(Upkeep::Ready)), ("0".repeat(64), Err(Unfit::Broken))] {
        let (url, served) = serve(&bundle);
        let offer = Offer { version: "0.2.0".into(), url, sha256: Some(sum) };
        assert_eq!(shop.places.fetch(&offer, &|_| ()), outcome);
        served.join().unwrap();
    }
    let url = "http://127.0.0.1:1/kiosk.raucb".to_owned();
    let offer = Offer { version: "0.2.0".into(), url, sha256: None };
    assert_eq!(shop.places.fetch(&offer, &|_| ()), Err(Unfit::Away));
}

#[test]
fn settings_of_a_stick_wait_for_the_next_start_or_are_refused_by_their_line() {
    let shop = Workshop::open();
    let stick = shop.path("stick");
    fs::create_dir_all(&stick).unwrap();
    fs::write(stick.join(FILE), "cloud = \"https://a.example\"\nstaff_pin = 12345\n").unwrap();
    let Err(Unfit::Settings(fault)) = shop.places.take_settings() else { panic!("taken") };
    assert!(fault.starts_with("tapcard.toml: line 2") && !fault.contains("12345"), "{fault}");
    assert!(!shop.path("inbox").join(FILE).exists());
    fs::write(stick.join(FILE), "cloud = \"https://a.example\"\nstaff_pin = \"2468\"\n").unwrap();
    let found = Supplies { has_stick: true, has_settings: true, update: None };
    assert_eq!(shop.looks(), Ok(Upkeep::Found(found)));
    assert_eq!(shop.places.take_settings(), Ok(Upkeep::Ready));
    let kept = shop.path("inbox").join(FILE);
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(kept).unwrap().contains("2468"));
}
