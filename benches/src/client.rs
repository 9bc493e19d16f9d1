//! A client that does as little as possible: it writes a request, and reads the answer.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Outcome;

/// One connection, kept open.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What an answer says.
#[derive(Debug)]
pub struct Answer<'b> {
    /// The status code.
    pub status: u16,
    /// The status line and the headers, with the empty line that ends them.
    pub head: &'b [u8],
    /// The body.
    pub body: &'b [u8],
}

impl Client {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// Where nobody listens there.
    pub async fn connect(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a whole request, and waits for the whole answer.
    ///
    /// # Errors
    /// Where the connection ends, or the answer is not HTTP/1.1.
    pub async fn send(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read_more().await?;
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let length = content_length(&self.buffer[..head])?;
        while self.buffer.len() < head + length {
            self.read_more().await?;
        }
        let status = std::str::from_utf8(&self.buffer[9..12])?.parse()?;
        Ok(Answer {
            status,
            head: &self.buffer[..head],
            body: &self.buffer[head..head + length],
        })
    }

    async fn read_more(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

fn content_length(head: &[u8]) -> Outcome<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let Some(start) = find(head, NAME) else {
        return Ok(0);
    };
    let digits = head[start + NAME.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    Ok(String::from_utf8(digits.copied().collect())?.parse()?)
}

/// A request with this head and body.
pub fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let authorization = token
        .map(|token| format!("authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    let content = if body.is_empty() {
        String::new()
    } else {
        format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        )
    };
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{authorization}{content}\r\n{body}")
        .into_bytes()
}
