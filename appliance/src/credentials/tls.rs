//! TLS for the web door: ureq's own takes certificates from a list alone, and not every authority here is one of a list.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use crate::trust::Demands;

/// Goes on in secret where the address asks for it.
#[derive(Debug)]
pub(super) struct Tls(pub(super) Demands);

impl<Line: Transport> Connector<Line> for Tls {
    type Out = Either<Line, Secret>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        line: Option<Line>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(line) = line else { return Ok(None) };
        if !details.needs_tls() || line.is_tls() {
            return Ok(Some(Either::A(line)));
        }
        // Brackets are an address' own in a URL alone.
        let host = details.uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|_| Error::HostNotFound)?;
        let mut connection = ClientConnection::new(Arc::clone(&self.0), name)
            .map_err(|it| Error::Other(Box::new(it)))?;
        let mut line = TransportAdapter::new(line.boxed(), Arc::clone(&details.current_time));
        line.set_timeout(details.timeout);
        connection.complete_io(&mut line)?;
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Some(Either::B(Secret { buffers, stream: StreamOwned::new(connection, line) })))
    }
}

/// A connection that nobody listens in on.
pub(super) struct Secret {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Secret").finish_non_exhaustive()
    }
}

impl Transport for Secret {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let n_bytes = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(n_bytes);
        Ok(n_bytes > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
