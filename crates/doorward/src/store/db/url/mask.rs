//! URLs as they may be shown.

/// What stands for a password.
const MASK: &str = "********";

/// `url` with its password, and every parameter that may hold one, masked.
///
/// Masks too much rather than too little where the URL is malformed.
pub(super) fn mask(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.contains('@') {
            MASK.to_owned()
        } else {
            url.to_owned()
        };
    };
    let shown = match rest.rsplit_once('@') {
        Some((user, server)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:{MASK}@{server}"),
            None => rest.to_owned(),
        },
        None => rest.to_owned(),
    };
    let Some((address, query)) = shown.split_once('?') else {
        return format!("{scheme}://{shown}");
    };
    let query: Vec<String> = query.split('&').map(mask_parameter).collect();
    format!("{scheme}://{address}?{}", query.join("&"))
}

fn mask_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    }
}
