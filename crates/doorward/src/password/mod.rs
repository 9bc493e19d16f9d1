//! Hashes of passwords: how they are made, which stored hashes still verify, and which
//! passwords are known from data breaches.
//!
//! New passwords are hashed with Argon2id (RFC 9106). [`PasswordHasher`] also
//! verifies what earlier systems wrote and says when a hash should be
//! replaced, so that accounts move over without anybody choosing a new
//! password:
//!
//! | stored text | written by |
//! |---|---|
//! | `$argon2id$…`, `$argon2i$…`, `$argon2d$…` | nearly everything (the PHC format) |
//! | `argon2$argon2id$…` | Django |
//! | `$2a$…`, `$2b$…`, `$2y$…` | bcrypt libraries, passlib, PHP |
//! | `bcrypt$$2b$…`, `bcrypt_sha256$$2b$…` | Django |
//! | `$bcrypt-sha256$…` | passlib (both versions of it) |
//! | `$pbkdf2-sha256$…` | passlib |
//! | `pbkdf2_sha256$…` | Django |
//! | `$scrypt$ln=…` | passlib |
//! | `scrypt$…` | Django |
//!
//! Passwords are hashed as the bytes they came in: never trimmed, cut or
//! normalised.

mod argon2_params;
mod blocks;
mod breach;
mod hasher;
mod pool;
mod priority;
mod scheme;
mod strength_meter;
mod work;

pub use argon2_params::{Argon2Params, InvalidArgon2Params};
#[cfg(feature = "http-client")]
pub use breach::RangeQuery;
pub use breach::{BreachCheckUnavailable, BreachedPasswords, PasswordSha1};
pub use hasher::{HasherBusy, HasherConfig, PasswordHasher};
pub(crate) use strength_meter::StrengthMeter;
pub use work::{UnusableHash, Verdict};
