//! How many clients a second come in over TLS 1.3: TCP, a full handshake, CONNECT and CONNACK.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use anyhow::{Context, ensure};
use tapcard_protocol::access::Kind;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};

use crate::brokers::Broker;
use crate::guests::Mint;
use tapcard_load::mqtt::DISCONNECT;
use tapcard_load::sample::{Both, Speed, alternate};

const ROUNDS: usize = 5;
/// Clients in a round.
const CLIENTS: usize = 600;
/// Clients at a time.
const THREADS: usize = 4;

/// Connects a second and their cost.
pub(crate) fn measure(mint: &Mint) -> anyhow::Result<Both<Speed>> {
    let brokers = [Broker::ours(mint)?, Broker::mosquitto()?];
    let [ours, theirs] = [brokers[0].tls, brokers[1].tls];
    let config = Arc::new(config()?);
    let hellos =
        (0..CLIENTS as u64).map(|n| mint.hello(Kind::Phone, n)).collect::<Result<Vec<_>, _>>()?;
    let mut speeds = Both::<Speed>::default();
    for address in [ours, theirs] {
        come_and_go(address, &config, &hellos)?;
    }
    alternate(ROUNDS, |is_ours| {
        let (broker, address) = if is_ours { (&brokers[0], ours) } else { (&brokers[1], theirs) };
        speeds.of(is_ours).measure(
            || broker.usage(),
            CLIENTS,
            || come_and_go(address, &config, &hellos),
        )
    })?;
    Ok(speeds)
}

fn come_and_go(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
    hellos: &[Vec<u8>],
) -> anyhow::Result<()> {
    std::thread::scope(|scope| {
        let parts = hellos.chunks(hellos.len().div_ceil(THREADS));
        let threads: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().try_for_each(|it| visit(address, config, it))))
            .collect();
        threads.into_iter().try_for_each(|it| it.join().expect("a visit returns its errors"))
    })
}

fn visit(address: SocketAddr, config: &Arc<ClientConfig>, hello: &[u8]) -> anyhow::Result<()> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_nodelay(true)?;
    let tls = ClientConnection::new(Arc::clone(config), ServerName::try_from("localhost")?)?;
    let mut stream = StreamOwned::new(tls, tcp);
    stream.write_all(hello).context("in a TLS handshake")?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).context("waiting for CONNACK")?;
    ensure!(answer == [0x20, 2, 0, 0], "refused over TLS: {answer:?}");
    Ok(stream.write_all(&DISCONNECT)?)
}

fn config() -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&tokio_rustls::rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Checks that the broker holds the key of its certificate, whoever it is.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 was not offered".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
