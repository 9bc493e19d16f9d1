//! The pages as HTML.

use std::fmt::Write as _;

use doorward::KeptMail;
use doorward_axum::rfc3339;

/// All mails, the newest first.
pub(super) fn list(service: &str, mails: &[KeptMail]) -> String {
    let mut rows = String::new();
    for mail in mails {
        // To write to a string can't fail.
        let _ = writeln!(
            rows,
            "<li><a href=\"/dev/mail/{}\"><span class=\"subject\">{}</span>\
             <span class=\"facts\">{} · {}</span></a></li>",
            mail.id,
            escape(&mail.subject),
            escape(&mail.to),
            rfc3339(mail.kept_at),
        );
    }
    let list = if rows.is_empty() {
        "<p>None yet: register an account, or ask for a password reset.</p>".to_owned()
    } else {
        format!("<ul>\n{rows}</ul>")
    };
    frame(
        service,
        "Mails",
        &format!(
            "<p class=\"facts\">What would have been sent, the newest first; the last 200, until the \
             server stops. Scripts read <a href=\"/dev/mail.json\">/dev/mail.json</a>. Set SMTP_HOST \
             to send them.</p>\n{list}"
        ),
    )
}

/// One mail: its text with links to follow, and its HTML in a frame.
pub(super) fn show(service: &str, mail: &KeptMail) -> String {
    let html = match &mail.html {
        Some(_) => format!(
            "<h2>HTML</h2>\n<iframe title=\"The mail as HTML\" sandbox=\"allow-popups \
             allow-popups-to-escape-sandbox\" src=\"/dev/mail/{}/html\"></iframe>",
            mail.id
        ),
        None => String::new(),
    };
    frame(
        service,
        &mail.subject,
        &format!(
            "<p class=\"facts\">to {} · {} · <a href=\"/dev/mail\">all mails</a></p>\n\
             <h2>Text</h2>\n<pre>{}</pre>\n{html}",
            escape(&mail.to),
            rfc3339(mail.kept_at),
            linked(&mail.text),
        ),
    )
}

/// The same HTML, whose links open a window of their own: none may open in the frame.
pub(super) fn with_links_outside(html: &str) -> String {
    html.replacen("<head>", "<head><base target=\"_blank\">", 1)
}

fn frame(service: &str, title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} – {service}</title>\n\
         <link rel=\"stylesheet\" href=\"/dev/mail/style.css\">\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n",
        title = escape(title),
        service = escape(service),
    )
}

/// Text as HTML, with links where it has addresses of web pages.
fn linked(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = find_url(rest) {
        let (before, after) = rest.split_at(start);
        let ends = |c: char| c.is_whitespace() || "<>\"".contains(c);
        let (url, following) = after.split_at(after.find(ends).unwrap_or(after.len()));
        let url = escape(url);
        html.push_str(&escape(before));
        // To write to a string can't fail.
        let _ = write!(html, "<a href=\"{url}\">{url}</a>");
        rest = following;
    }
    html.push_str(&escape(rest));
    html
}

fn find_url(text: &str) -> Option<usize> {
    let schemes = ["http://", "https://"];
    schemes.iter().filter_map(|scheme| text.find(scheme)).min()
}

/// Text as HTML text, also between quotes.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '"' | '\'' => {
                // To write to a string can't fail.
                let _ = write!(html, "&#{};", u32::from(character));
            }
            _ => html.push(character),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_can_be_followed_and_the_rest_is_text() {
        assert_eq!(
            linked("Go to\nhttp://127.0.0.1:8000/a#token=b_c\n<b>now</b>"),
            "Go to\n<a href=\"http://127.0.0.1:8000/a#token=b_c\">http://127.0.0.1:8000/a#token=b_c</a>\n\
             &#60;b&#62;now&#60;/b&#62;"
        );
        assert_eq!(
            linked("https://a.example/?a=1&b='x'\"><script>"),
            "<a href=\"https://a.example/?a=1&#38;b=&#39;x&#39;\">https://a.example/?a=1&#38;b=&#39;x&#39;</a>\
             &#34;&#62;&#60;script&#62;"
        );
        assert_eq!(linked("javascript:alert(1)"), "javascript:alert(1)");
    }

    #[test]
    fn a_subject_is_text() {
        let page = frame("A & B", "<script>", "");
        assert!(page.contains("<h1>&#60;script&#62;</h1>"), "{page}");
        assert!(page.contains("A &#38; B"), "{page}");
    }
}
