//! A mail server on loopback that takes everything, and counts it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_benches::Outcome;

/// The sink; its threads end with the process.
#[derive(Debug)]
pub(crate) struct Sink {
    port: u16,
    taken: Arc<AtomicU64>,
}

impl Sink {
    pub(crate) fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let taken = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counter = Arc::clone(&counter);
                // A client that goes away in the middle of a mail is the client's affair.
                std::thread::spawn(move || drop(converse(&stream, &counter)));
            }
        });
        Ok(Self { port, taken })
    }

    /// What tells a server to send its mail here.
    pub(crate) fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("SMTP_HOST", "127.0.0.1".to_owned()),
            ("SMTP_PORT", self.port.to_string()),
            ("SMTP_SECURITY", "none".to_owned()),
            ("EMAILS_FROM_EMAIL", "noreply@example.com".to_owned()),
        ]
    }

    /// How many mails it took.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// One conversation (RFC 5321): every command is fine.
fn converse(stream: &TcpStream, taken: &AtomicU64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut say = stream;
    say.write_all(b"220 sink\r\n")?;
    let mut in_data = false;
    for line in BufReader::new(stream).split(b'\n') {
        let line = line?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if in_data {
            if line == b"." {
                in_data = false;
                taken.fetch_add(1, Ordering::Relaxed);
                say.write_all(b"250 taken\r\n")?;
            }
            continue;
        }
        match line.get(..4).map(<[u8]>::to_ascii_uppercase).as_deref() {
            Some(b"DATA") => {
                in_data = true;
                say.write_all(b"354 go on\r\n")?;
            }
            Some(b"QUIT") => return say.write_all(b"221 bye\r\n"),
            _ => say.write_all(b"250 fine\r\n")?,
        }
    }
    Ok(())
}
