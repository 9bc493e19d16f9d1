//! Mails as they were received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mail that the server got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMail {
    /// Whom the envelope says it is from.
    pub from: String,
    /// Whom the envelope says it is for.
    pub to: Vec<String>,
    /// Whether it came under TLS.
    pub is_encrypted: bool,
    /// Who was logged in.
    pub user: Option<String>,
    /// Headers and body; lines end in CRLF.
    pub raw: String,
}

impl ReceivedMail {
    /// The headers of this name, unfolded (RFC 5322 §2.2.3), not decoded.
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<String> {
        headers(&self.raw, name)
    }

    /// The one header of this name, unfolded, not decoded. Empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let headers = self.headers(name);
        assert!(headers.len() <= 1, "{name} more than once: {headers:?}");
        headers.into_iter().next().unwrap_or_default()
    }

    /// The subject, decoded (RFC 2047).
    #[must_use]
    pub fn subject(&self) -> String {
        decode_words(&self.header("Subject"))
    }

    /// The plain text, decoded; lines end in `\n`.
    #[must_use]
    pub fn text(&self) -> String {
        find_part(&self.raw, "text/plain").unwrap_or_default()
    }

    /// The HTML, decoded; lines end in `\n`.
    #[must_use]
    pub fn html(&self) -> Option<String> {
        find_part(&self.raw, "text/html")
    }
}

fn headers(part: &str, name: &str) -> Vec<String> {
    let (head, _) = part.split_once("\r\n\r\n").unwrap_or((part, ""));
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines = unfolded
        .split("\r\n")
        .filter_map(|line| line.split_once(':'));
    lines
        .filter(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .collect()
}

/// The first part of this type (RFC 2046), decoded.
fn find_part(part: &str, media_type: &str) -> Option<String> {
    let content_type = headers(part, "Content-Type").into_iter().next()?;
    let (_, body) = part.split_once("\r\n\r\n")?;
    if content_type.starts_with("multipart/") {
        let boundary = content_type.split("boundary=").nth(1)?;
        let boundary = boundary.split(';').next()?.trim_matches('"');
        let delimiter = format!("--{boundary}");
        let parts = body.split(&delimiter).skip(1);
        return parts
            .map(|part| part.trim_start_matches("\r\n"))
            .find_map(|part| find_part(part, media_type));
    }
    if !content_type.starts_with(media_type) {
        return None;
    }
    let encoding = headers(part, "Content-Transfer-Encoding");
    let body = match encoding
        .first()
        .map(|name| name.to_ascii_lowercase())
        .as_deref()
    {
        Some("base64") => STANDARD.decode(body.replace("\r\n", "")).unwrap(),
        Some("quoted-printable") => decode_quoted(body.trim_end()),
        _ => body.trim_end().as_bytes().to_vec(),
    };
    let text = String::from_utf8(body).unwrap().replace("\r\n", "\n");
    Some(format!("{}\n", text.trim_end()))
}

/// RFC 2045 §6.7.
fn decode_quoted(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let joined = text.replace("=\r\n", "");
    let mut bytes = joined.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            decoded.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            decoded.push(byte);
        }
    }
    decoded
}

/// RFC 2047 §2: white space between encoded words is none of the text.
fn decode_words(header: &str) -> String {
    let mut decoded = String::new();
    let mut was_encoded = false;
    for word in header.split(' ') {
        let encoded = decode_word(word);
        if !(decoded.is_empty() || was_encoded && encoded.is_some()) {
            decoded.push(' ');
        }
        was_encoded = encoded.is_some();
        decoded.push_str(encoded.as_deref().unwrap_or(word));
    }
    decoded
}

fn decode_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?utf-8?")?.strip_suffix("?=")?;
    let bytes = match inner.split_once('?')? {
        ("b" | "B", text) => STANDARD.decode(text).unwrap(),
        (_, text) => decode_quoted(&text.replace('_', " ")),
    };
    Some(String::from_utf8(bytes).unwrap())
}
