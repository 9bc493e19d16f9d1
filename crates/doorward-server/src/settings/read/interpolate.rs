//! `${NAME}` and `${NAME:-default}` within `.env`.

use zeroize::Zeroizing;

/// `text` with every reference replaced by what `find` knows.
///
/// # Errors
/// The message for a reference that is known nowhere and has no default: an empty text in its
/// place would be a wrong password or address that nobody notices.
pub(super) fn interpolate(
    text: &str,
    find: impl Fn(&str) -> Option<Zeroizing<String>>,
) -> Result<Zeroizing<String>, String> {
    let mut output = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start + 2..].find('}') else {
            break;
        };
        output.push_str(&rest[..start]);
        let reference = &rest[start + 2..start + 2 + length];
        let (name, default) = match reference.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (reference, None),
        };
        match (find(name).filter(|value| !value.is_empty()), default) {
            (Some(value), _) => output.push_str(&value),
            (None, Some(default)) => output.push_str(default),
            (None, None) => {
                return Err("refers with ${…} to a variable that is not set; put the value in single quotes \
                            to keep it as it is"
                    .to_owned());
            }
        }
        rest = &rest[start + 2 + length + 1..];
    }
    output.push_str(rest);
    Ok(output)
}
