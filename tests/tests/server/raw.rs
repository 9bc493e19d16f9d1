//! A connection whose every byte the test sends itself.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long the server may take to send what is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Raw {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            received: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as much as the server takes; it may have closed the connection.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Sends the head of a login with a body of this length and waits until the server has
    /// begun to read the body: from then on the request is under way.
    pub(crate) fn begin_login(&mut self, body: &str) {
        self.send(format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nhost: server\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\
             expect: 100-continue\r\n\r\n",
            body.len()
        ));
        assert_eq!(self.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// The head of the next answer, with the empty line at its end.
    pub(crate) fn read_head(&mut self) -> String {
        loop {
            let end = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.received.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            assert!(self.receive() > 0, "closed after {:?}", self.text());
        }
    }

    /// The next answer, head and body, which must be JSON and of a known length.
    pub(crate) fn read_answer(&mut self) -> (String, Value) {
        let head = self.read_head();
        let lower = head.to_lowercase();
        let (_, rest) = lower.split_once("\r\ncontent-length: ").unwrap();
        let length: usize = rest.split_once('\r').unwrap().0.parse().unwrap();
        while self.received.len() < length {
            assert!(self.receive() > 0, "closed after {:?}", self.text());
        }
        let body: Vec<u8> = self.received.drain(..length).collect();
        (head, serde_json::from_slice(&body).unwrap())
    }

    /// All that comes until the server closes the connection, which it must do.
    pub(crate) fn read_to_end(&mut self) -> String {
        while self.receive() > 0 {}
        self.text()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// How much came; 0 at the end. A reset is an end as well.
    fn receive(&mut self) -> usize {
        let mut part = [0; 16 * 1024];
        let count = match self.stream.read(&mut part) {
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => 0,
            read => read.unwrap(),
        };
        self.received.extend(&part[..count]);
        count
    }
}
