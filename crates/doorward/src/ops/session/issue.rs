//! A new session, and the tokens of any.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use doorward_protocol::claims::{AccessClaims, ExtraClaims, RefreshClaims};
use zeroize::Zeroizing;

use crate::domain::account::{TokenSubject, User};
use crate::domain::authz::RoleName;
use crate::domain::caller::Caller;
use crate::domain::clock::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::id::{SessionId, TokenId, UserId};
use crate::domain::proofs::{ProofKind, Proofs};
use crate::engine::Engine;
use crate::engine::hooks::extra_claims;
use crate::store::db::{Change, StoreError, Tx};
use crate::store::sessions::{self, SessionRecord};
use crate::store::token_families::{self, FamilyRecord, Rotation};

/// An access token and the refresh token that replaces it (RFC 6749 §5.1).
///
/// `Debug` shows neither, and their memory is zeroed.
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenPair {
    /// The access token.
    pub access_token: Zeroizing<String>,
    /// The refresh token.
    pub refresh_token: Zeroizing<String>,
    /// How long the access token is good for.
    pub expires_in: Duration,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenPair(..)")
    }
}

/// What the tokens of a session say at one step of its refresh family.
///
/// The refresh token follows from these alone, so that it can be issued again, the very
/// same text, to a client that lost the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionTokens {
    session: SessionId,
    refresh_jti: TokenId,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl SessionTokens {
    /// The first tokens of a session, or those of its present step.
    pub(crate) fn of(family: &FamilyRecord) -> Self {
        Self {
            session: family.session,
            refresh_jti: family.current_jti,
            issued_at: family.rotated_at,
            expires_at: family.expires_at,
        }
    }

    /// The tokens that a rotation brings.
    pub(crate) fn after(step: &Rotation) -> Self {
        Self {
            session: step.session,
            refresh_jti: step.successor,
            issued_at: step.now,
            expires_at: step.expires_at,
        }
    }
}

/// A session of an account that has just proven its password, and the token family of the first
/// party. Its epoch is that of the account when it is inserted.
pub(crate) fn new_session(
    engine: &Arc<Engine>,
    user: UserId,
    caller: &Caller,
) -> (SessionRecord, FamilyRecord) {
    let now = engine.now();
    let config = engine.config();
    let origin = &caller.origin;
    let session = SessionRecord {
        id: SessionId::generate(now, engine.entropy()),
        user_id: user,
        epoch: 0,
        created_at: now,
        authenticated_at: now,
        proofs: Proofs::of(ProofKind::Password, now),
        ends_at: now + config.session_max_age,
        revoked_at: None,
        ip: origin.ip().map(|ip| ip.to_string()),
        user_agent: origin.user_agent().map(str::to_owned),
    };
    let family = FamilyRecord {
        session: session.id,
        current_jti: TokenId::generate(now, engine.entropy()),
        previous_jti: None,
        rotated_at: now,
        expires_at: now + config.refresh_token_ttl,
    };
    (session, family)
}

/// Inserts a session with its token family, and ends the oldest ones of the account beyond `kept`.
pub(crate) async fn insert_session(
    tx: &mut Tx<'_>,
    session: &SessionRecord,
    family: &FamilyRecord,
    kept: u32,
) -> Result<(), StoreError> {
    sessions::insert(tx, session).await?;
    token_families::insert(tx, family).await?;
    for ended in sessions::end_surplus(tx, session, kept).await? {
        tx.changed(Change::Session(ended));
    }
    Ok(())
}

/// Issues the access token and the refresh token of one step.
pub(crate) fn issue_tokens(
    engine: &Arc<Engine>,
    user: &User,
    tokens: &SessionTokens,
) -> Result<TokenPair, Failure> {
    let now = engine.now();
    // An access token ends with the refresh token that belongs to it, if not before.
    let expires_at = (now + engine.config().access_token_ttl).min(tokens.expires_at);
    Ok(TokenPair {
        access_token: Zeroizing::new(issue_access_token(engine, user, tokens, expires_at)?),
        refresh_token: Zeroizing::new(issue_refresh_token(engine, user.id, tokens)?),
        expires_in: expires_at.since(now),
    })
}

fn issue_access_token(
    engine: &Arc<Engine>,
    user: &User,
    tokens: &SessionTokens,
    expires_at: Timestamp,
) -> Result<String, Failure> {
    let now = engine.now();
    let config = engine.config();
    // To other services an account that may not use its roles yet has none.
    let is_restricted = config.require_verified_email && !user.is_verified();
    let roles = if is_restricted { &[][..] } else { &user.roles };
    let extra = match is_restricted {
        true => ExtraClaims::new(),
        false => extra_claims(engine, user, tokens.session),
    };
    let claims = AccessClaims {
        iss: config.issuer.clone(),
        sub: subject_of(engine, user, is_restricted)?,
        aud: config.audience.clone(),
        exp: expires_at.as_seconds(),
        iat: now.as_seconds(),
        nbf: now.as_seconds(),
        jti: TokenId::generate(now, engine.entropy()).as_uuid(),
        sid: tokens.session.as_uuid(),
        role: roles.first().map(RoleName::to_string).unwrap_or_default(),
        roles: roles.iter().map(RoleName::to_string).collect(),
    };
    claims
        .sign(engine.keys().access_tokens.signing(), &extra)
        .map_err(Failure::internal)
}

/// What an access token calls the account by.
fn subject_of(engine: &Arc<Engine>, user: &User, is_restricted: bool) -> Result<String, Failure> {
    let name = match engine.config().token_subject {
        TokenSubject::UserId => Some(user.id.to_string()),
        TokenSubject::Username => user.username.as_ref().map(ToString::to_string),
        // To other services an address that is yet to be verified is nobody's.
        TokenSubject::Email if is_restricted => Some(user.id.to_string()),
        TokenSubject::Email => user.email.as_ref().map(ToString::to_string),
    };
    name.ok_or_else(|| Failure::internal("an account lacks the name that tokens call it by"))
}

fn issue_refresh_token(
    engine: &Arc<Engine>,
    user: UserId,
    tokens: &SessionTokens,
) -> Result<String, Failure> {
    let claims = RefreshClaims {
        iss: engine.config().issuer.clone(),
        sub: user.to_string(),
        exp: tokens.expires_at.as_seconds(),
        iat: tokens.issued_at.as_seconds(),
        nbf: tokens.issued_at.as_seconds(),
        jti: tokens.refresh_jti.as_uuid(),
        sid: tokens.session.as_uuid(),
    };
    engine
        .keys()
        .refresh_tokens
        .signing()
        .sign(&claims)
        .map_err(Failure::internal)
}
