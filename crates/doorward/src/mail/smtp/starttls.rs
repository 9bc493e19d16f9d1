//! TLS on a connection that began in clear (RFC 3207).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::conversation::Stage;
use super::reply::{refused, words_of_io};
use crate::mail::SendError;

/// Connects and encrypts, or fails: nothing but the greeting goes in clear. One address of
/// the server may take as long as `timeout` to answer.
pub(super) async fn connect(
    stage: &mut Stage,
    server: (&str, u16),
    timeout: Duration,
    name: &ClientId,
    tls: TlsParameters,
) -> Result<AsyncSmtpConnection, SendError> {
    let socket = connect_any(server, timeout).await;
    let socket = socket
        .map_err(|error| SendError::temporary(format!("{} at {stage}", words_of_io(&error))))?;
    let stream = Box::new(BeforeTls::new(socket));
    let connection = AsyncSmtpConnection::connect_with_transport(stream, name).await;
    let mut connection = connection.map_err(|error| refused(*stage, &error))?;

    *stage = Stage::StartTls;
    if !connection.can_starttls() {
        return Err(SendError::temporary("not offered at STARTTLS"));
    }
    let upgrade = connection.starttls(tls, name).await;
    upgrade.map_err(|error| refused(*stage, &error))?;
    Ok(connection)
}

/// A connection to the first address that takes one.
async fn connect_any(server: (&str, u16), timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in tokio::net::lookup_host(server).await? {
        match tokio::time::timeout(timeout, TcpStream::connect(address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// A stream that reads byte by byte until the reply to `STARTTLS` has ended.
///
/// The client buffers what it reads, and keeps the buffer when TLS begins. Whoever sits on
/// the line could send replies in clear behind that of `STARTTLS`, and have them taken for
/// replies under TLS. So nothing is read ahead: what follows goes to TLS, which refuses it.
#[derive(Debug)]
struct BeforeTls {
    socket: TcpStream,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Commands and replies in clear.
    Clear,
    /// `STARTTLS` was sent, its reply not yet read to its end.
    Asked,
    /// What passes now is TLS.
    Tls,
}

impl BeforeTls {
    fn new(socket: TcpStream) -> Self {
        let phase = Phase::Clear;
        Self { socket, phase }
    }
}

impl AsyncTokioStream for BeforeTls {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }
}

impl AsyncRead for BeforeTls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.phase == Phase::Tls || buffer.remaining() == 0 {
            return Pin::new(&mut self.socket).poll_read(context, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.socket).poll_read(context, &mut one))?;
        if one.filled() == b"\n" && self.phase == Phase::Asked {
            self.phase = Phase::Tls;
        }
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for BeforeTls {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.phase == Phase::Clear && bytes.starts_with(b"STARTTLS") {
            self.phase = Phase::Asked;
        }
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
