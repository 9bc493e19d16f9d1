//! The parameters of a PostgreSQL URL: what asyncpg and psycopg call otherwise is translated, what
//! cannot be honoured is refused, because sqlx would pass over it in silence.

/// Parameters that sqlx reads itself.
const KNOWN: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// The query of a URL in sqlx's words.
pub(super) fn translate(query: &str) -> Result<String, String> {
    // Then the ? is one of an unescaped password, of which no part may be told.
    if query.contains('@') {
        return Err(
            "expected no @ among the parameters: a ? in the password is written %3F".to_owned(),
        );
    }
    let mut translated = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if let Some(parameter) = translate_one(name, value)? {
            translated.push(parameter);
        }
    }
    Ok(translated.join("&"))
}

fn translate_one(name: &str, value: &str) -> Result<Option<String>, String> {
    match name {
        "ssl" | "sslmode" => ssl_mode(value).map(|mode| Some(format!("sslmode={mode}"))),
        "prepared_statement_cache_size" | "statement_cache_size" | "statement-cache-capacity" => {
            let size = value
                .parse::<usize>()
                .map_err(|_| format!("expected a number behind {name}="))?;
            Ok(Some(format!("statement-cache-capacity={size}")))
        }
        // DB_POOL_TIMEOUT bounds the wait.
        "connect_timeout" | "timeout" => Ok(None),
        "async_fallback" => Ok(None),
        _ if KNOWN.contains(&name) || name.starts_with("options[") => {
            Ok(Some(format!("{name}={value}")))
        }
        _ => Err(format!(
            "the parameter {:?} is not supported: remove it; supported are {}",
            name.chars().take(40).collect::<String>(),
            KNOWN.join(", ")
        )),
    }
}

/// libpq's words, and the booleans of asyncpg.
fn ssl_mode(value: &str) -> Result<&str, String> {
    match value {
        "true" | "True" | "1" => Ok("require"),
        "false" | "False" | "0" => Ok("disable"),
        mode if SSL_MODES.contains(&mode) => Ok(mode),
        _ => Err(format!(
            "expected one of {} behind sslmode=",
            SSL_MODES.join(", ")
        )),
    }
}
