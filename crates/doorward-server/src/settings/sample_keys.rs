//! Secret keys that stand in tutorials, templates and documentation: everybody knows them.

/// Whole keys, reduced to letters and digits in lower case.
const KEYS: &[&str] = &[
    // FastAPI's and Flask's documentation.
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "5y2lf4q8znxec",
    // jwt.io.
    "astringsecretatleast256bitslong",
    // Words.
    "dev",
    "development",
    "jwtsecret",
    "jwtsecretkey",
    "key",
    "mysecret",
    "mysecretkey",
    "password",
    "productionsecretkey",
    "secret",
    "secretkey",
    "supersecret",
    "supersecretkey",
    "test",
    "testsecret",
    "testsecretkey",
    "thisisasecret",
    "thisisasecretkey",
    "topsecret",
];

/// What no random key contains, reduced in the same way: words of placeholders.
const PHRASES: &[&str] = &[
    "changeit",
    "changeme",
    "changethis",
    "djangoinsecure",
    "generatedkeyhere",
    "insecuresecret",
    "keychange",
    "placeholder",
    "replaceme",
    "replacethis",
    "secretkeyhere",
    "supersecretkey",
    "your256bitsecret",
    "yourgeneratedkey",
    "yoursecretkey",
    "yoursupersecret",
    "yourverysecret",
];

/// Whether `key` is one of them, however it is spaced, joined or capitalised.
pub(super) fn is_sample(key: &str) -> bool {
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    KEYS.contains(&plain.as_str()) || PHRASES.iter().any(|phrase| plain.contains(phrase))
}
