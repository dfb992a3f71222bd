use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use sha2::{Digest, Sha256};

use super::*;

const HOST: &str = "cards.example.org";

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a server at [`HOST`] shows that this authority has signed.
fn server(authority: &CertifiedIssuer<'static, KeyPair>) -> CertificateDer<'static> {
    let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.signed_by(&KeyPair::generate().unwrap(), authority).unwrap().der().clone()
}

fn fingerprint(certificate: &CertificateDer<'_>) -> Authorities {
    let hex = data_encoding::HEXUPPER.encode(&Sha256::digest(certificate));
    Authorities::Fingerprint(hex.parse().unwrap())
}

/// Whether whoever shows these is believed to be the host.
fn is_taken(
    authorities: &Authorities,
    own: &CertificateDer<'_>,
    chain: &[&CertificateDer<'static>],
) -> Result<(), String> {
    let chain: Vec<_> = chain.iter().map(|&it| it.clone()).collect();
    let name = ServerName::try_from(HOST).unwrap();
    let verdict =
        verifier(authorities).unwrap().verify_server_cert(own, &chain, &name, &[], UnixTime::now());
    verdict.map(drop).map_err(|it| it.to_string())
}

#[test]
fn who_is_known_by_a_fingerprint_sends_the_certificate_along() {
    let known = authority("Hall");
    let pinned = fingerprint(known.der());
    let own = server(&known);
    assert_eq!(is_taken(&pinned, &own, &[known.der()]), Ok(()));
    // Which order they come in does not matter.
    let other = authority("Other");
    assert_eq!(is_taken(&pinned, &own, &[other.der(), known.der()]), Ok(()));
    let problem = is_taken(&pinned, &own, &[]).unwrap_err();
    assert!(problem.contains("UnknownIssuer"), "{problem}");
}

#[test]
fn who_only_shows_the_certificate_of_an_authority_is_not_believed() {
    let known = authority("Hall");
    let pinned = fingerprint(known.der());
    // By the same name, and with the right certificate behind it.
    let stranger = authority("Hall");
    let own = server(&stranger);
    for chain in [&[known.der()][..], &[stranger.der(), known.der()], &[stranger.der()]] {
        is_taken(&pinned, &own, chain).unwrap_err();
    }
    // The authority's own certificate is nobody's server.
    is_taken(&pinned, known.der(), &[]).unwrap_err();
}

#[test]
fn the_name_and_the_time_count_under_a_fingerprint_too() {
    let known = authority("Hall");
    let Authorities::Fingerprint(it) = fingerprint(known.der()) else { unreachable!() };
    let pinned = Pinned::new(it, provider());
    let (own, chain) = (server(&known), [known.der().clone()]);
    let verdict = |name: &'static str, time| {
        let name = ServerName::try_from(name).unwrap();
        pinned.verify_server_cert(&own, &chain, &name, &[], time).map(drop)
    };
    assert_eq!(verdict(HOST, UnixTime::now()), Ok(()));
    verdict("evil.example.org", UnixTime::now()).unwrap_err();
    let early = UnixTime::since_unix_epoch(Duration::ZERO);
    verdict(HOST, early).unwrap_err();
    let timeless = Timeless(Arc::new(Pinned::new(it, provider())));
    let name = ServerName::try_from(HOST).unwrap();
    timeless.verify_server_cert(&own, &chain, &name, &[], early).map(drop).unwrap();
}

#[test]
fn a_fingerprint_is_read_as_openssl_writes_it() {
    let colons = vec!["AB"; 32].join(":");
    assert_eq!(colons.parse::<Fingerprint>(), "ab".repeat(32).parse());
    assert_eq!(format!("SHA256:{colons}").parse::<Fingerprint>(), colons.parse());
    for wrong in ["", "ab", &"ab".repeat(31), &"xy".repeat(32), &"ab".repeat(33)] {
        wrong.parse::<Fingerprint>().unwrap_err();
    }
}
