//! Networks as NetworkManager keeps them: its keyfiles (nm-settings-keyfile(5)).

use std::fmt::Write;

use crate::config::{ImageConfig, WifiConfig, WiredConfig};

/// Each network's file, by its name. They are numbered, since a network may be called anything.
pub(super) fn profiles(image: &ImageConfig) -> Vec<(String, String)> {
    let wifi = image.wifi.iter().enumerate();
    let mut profiles: Vec<(String, String)> = wifi
        .map(|(at, it)| (format!("tapcard-wifi-{at}.nmconnection"), wireless(at, it)))
        .collect();
    if let Some(it) = &image.wired {
        profiles.push(("tapcard-wired.nmconnection".into(), wired(it)));
    }
    profiles
}

/// A network listed earlier is preferred.
fn wireless(at: usize, wifi: &WifiConfig) -> String {
    // As a list of bytes, a name has no letter that would mean something here.
    let mut name = String::new();
    for byte in wifi.name.bytes() {
        let _ = write!(name, "{byte};");
    }
    let priority = 100_usize.saturating_sub(at);
    let mut text = format!(
        "[connection]\nid=tapcard-wifi-{at}\ntype=wifi\nautoconnect-priority={priority}\n\n\
         [wifi]\nmode=infrastructure\nssid={name}\n"
    );
    match (&wifi.user, &wifi.password) {
        (Some(user), Some(password)) => {
            text += &format!(
                "\n[wifi-security]\nkey-mgmt=wpa-eap\n\n\
             [802-1x]\neap=peap;\nidentity={}\npassword={}\nphase2-auth=mschapv2\nsystem-ca-certs=true\n",
                escape(user),
                escape(password)
            );
        }
        (_, Some(password)) => {
            text += &format!("\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={}\n", escape(password));
        }
        _ => {}
    }
    text
}

fn wired(wired: &WiredConfig) -> String {
    let is_v4 = wired.gateway.is_ipv4();
    let (section, other) = if is_v4 { ("ipv4", "ipv6") } else { ("ipv6", "ipv4") };
    let dns: String = wired.dns.iter().map(|it| format!("{it};")).collect();
    format!(
        "[connection]\nid=tapcard-wired\ntype=ethernet\nautoconnect-priority=200\n\n\
         [{section}]\nmethod=manual\naddress1={},{}\ndns={dns}\n\n[{other}]\nmethod=auto\n",
        wired.address, wired.gateway
    )
}

/// As GLib's key files have it: a backslash is doubled, and blanks at the beginning are written out.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\t', "\\t");
    let n_blanks = text.len() - text.trim_start_matches(' ').len();
    "\\s".repeat(n_blanks) + &text[n_blanks..]
}
