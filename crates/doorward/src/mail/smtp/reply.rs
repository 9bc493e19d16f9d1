//! What a failure of the conversation means for the mail.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error;

use super::conversation::Stage;
use crate::mail::SendError;

/// The failure at this stage.
///
/// A 5xx about the recipient or the message is final. One before that is about the sender
/// or the credentials: once the operator has mended it, the mail can go.
pub(super) fn refused(stage: Stage, error: &Error) -> SendError {
    let Some(code) = error.status() else {
        return SendError::temporary(format!("{} at {stage}", words(stage, error)));
    };
    let code = code.to_string();
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let reply = match enhanced_status(&text) {
        Some(status) => format!("{code} {status} at {stage}"),
        None => format!("{code} at {stage}"),
    };
    let is_about_the_mail = matches!(stage, Stage::Rcpt | Stage::Data | Stage::Message);
    if error.is_permanent() && is_about_the_mail && !is_about_the_client(&code) {
        SendError::permanent(reply)
    } else {
        SendError::temporary(reply)
    }
}

/// A reply that is not in its place.
pub(super) fn unexpected(stage: Stage) -> SendError {
    SendError::temporary(format!("unexpected reply at {stage}"))
}

/// Codes by which a server asks for a login or for TLS, at whatever command (RFC 4954 §6,
/// RFC 3207 §4), or closes (RFC 5321 §3.8).
fn is_about_the_client(code: &str) -> bool {
    matches!(code, "503" | "521" | "530" | "534" | "535" | "538")
}

/// The enhanced status code that the reply's text begins with (RFC 3463 §2), and nothing
/// else of the text: that may repeat the address.
fn enhanced_status(text: &str) -> Option<&str> {
    let status = text.split_ascii_whitespace().next()?;
    let mut parts = status.split('.');
    let is_class = matches!(parts.next(), Some("2" | "4" | "5"));
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let is_status =
        is_class && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none();
    is_status.then_some(status)
}

/// Words for what was no reply of the server.
fn words(stage: Stage, error: &Error) -> &'static str {
    if let Some(error) = find_io_error(error) {
        return words_of_io(error);
    }
    if error.is_client() {
        return match stage {
            Stage::Auth => "no method of authentication in common",
            _ => "the mail can't be sent through this server",
        };
    }
    if error.is_response() {
        return "connection broken or a reply that is none";
    }
    if error.is_tls() {
        "TLS failed"
    } else {
        "connection failed"
    }
}

pub(super) fn words_of_io(error: &io::Error) -> &'static str {
    use io::ErrorKind;

    match error.kind() {
        ErrorKind::TimedOut => "timed out",
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "unreachable",
        ErrorKind::BrokenPipe
        | ErrorKind::ConnectionAborted
        | ErrorKind::ConnectionReset
        | ErrorKind::UnexpectedEof => "connection broken",
        // rustls says it so; of its text, no more than this is repeated.
        ErrorKind::InvalidData if error.to_string().starts_with("invalid peer certificate") => {
            "certificate refused"
        }
        ErrorKind::InvalidData => "TLS failed",
        _ => "connection failed",
    }
}

fn find_io_error(error: &Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        source = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_reply_is_repeated_but_its_status() {
        assert_eq!(
            enhanced_status("5.1.1 <anna@example.com> unknown"),
            Some("5.1.1")
        );
        assert_eq!(enhanced_status("4.7.500 slow down"), Some("4.7.500"));
        for text in [
            "",
            "anna@example.com unknown",
            "5.1",
            "5.1.1.1",
            "5.1.x",
            "192.0.2.1 is listed",
            "5..1",
            "5.1.1234",
        ] {
            assert_eq!(enhanced_status(text), None, "{text}");
        }
    }
}
