//! A new session, and the tokens of any.

use std::fmt;
use std::time::Duration;

use doorward_protocol::claims::{AccessClaims, ExtraClaims, RefreshClaims};
use zeroize::Zeroizing;

use crate::account::User;
use crate::authz::{Caller, RoleName};
use crate::clock::Timestamp;
use crate::config::TokenSubject;
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::{SessionId, TokenId, UserId};
use crate::store::sessions::{Rotation, SessionRecord};

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
    pub(crate) fn of(session: &SessionRecord) -> Self {
        Self {
            session: session.id,
            refresh_jti: session.refresh_jti,
            issued_at: session.rotated_at,
            expires_at: session.expires_at,
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

impl Doorward {
    /// A session that begins now, not stored yet.
    pub(crate) fn new_session(&self, user: UserId, caller: &Caller) -> SessionRecord {
        let now = self.now();
        let origin = &caller.origin;
        SessionRecord {
            id: SessionId::generate(now, self.entropy()),
            user_id: user,
            created_at: now,
            authenticated_at: now,
            last_used_at: now,
            expires_at: now + self.config().refresh_token_ttl,
            revoked_at: None,
            refresh_jti: TokenId::generate(now, self.entropy()),
            previous_jti: None,
            rotated_at: now,
            ip: origin.ip().map(|ip| ip.to_string()),
            user_agent: origin.user_agent().map(str::to_owned),
        }
    }

    /// Issues the access token and the refresh token of one step.
    pub(crate) fn issue_tokens(
        &self,
        user: &User,
        tokens: &SessionTokens,
    ) -> Result<TokenPair, Failure> {
        Ok(TokenPair {
            access_token: Zeroizing::new(self.issue_access_token(user, tokens)?),
            refresh_token: Zeroizing::new(self.issue_refresh_token(user.id, tokens)?),
            expires_in: self.config().access_token_ttl,
        })
    }

    fn issue_access_token(&self, user: &User, tokens: &SessionTokens) -> Result<String, Failure> {
        let now = self.now();
        let config = self.config();
        // To other services an account that may not use its roles yet has none.
        let is_restricted = config.require_verified_email && !user.is_verified();
        let roles = if is_restricted { &[][..] } else { &user.roles };
        let extra = match is_restricted {
            true => ExtraClaims::new(),
            false => self.extra_claims(user, tokens.session),
        };
        let claims = AccessClaims {
            iss: config.issuer.clone(),
            sub: self.subject_of(user, is_restricted)?,
            aud: config.audience.clone(),
            exp: (now + config.access_token_ttl).as_seconds(),
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            jti: TokenId::generate(now, self.entropy()).as_uuid(),
            sid: tokens.session.as_uuid(),
            role: roles.first().map(RoleName::to_string).unwrap_or_default(),
            roles: roles.iter().map(RoleName::to_string).collect(),
        };
        claims
            .sign(&self.keys().access_tokens, &extra)
            .map_err(Failure::internal)
    }

    /// What an access token calls the account by.
    fn subject_of(&self, user: &User, is_restricted: bool) -> Result<String, Failure> {
        let name = match self.config().token_subject {
            TokenSubject::UserId => Some(user.id.to_string()),
            TokenSubject::Username => user.username.as_ref().map(ToString::to_string),
            // To other services an address that is yet to be verified is nobody's.
            TokenSubject::Email if is_restricted => Some(user.id.to_string()),
            TokenSubject::Email => user.email.as_ref().map(ToString::to_string),
        };
        name.ok_or_else(|| Failure::internal("an account lacks the name that tokens call it by"))
    }

    fn issue_refresh_token(&self, user: UserId, tokens: &SessionTokens) -> Result<String, Failure> {
        let claims = RefreshClaims {
            iss: self.config().issuer.clone(),
            sub: user.to_string(),
            exp: tokens.expires_at.as_seconds(),
            iat: tokens.issued_at.as_seconds(),
            nbf: tokens.issued_at.as_seconds(),
            jti: tokens.refresh_jti.as_uuid(),
            sid: tokens.session.as_uuid(),
        };
        self.keys()
            .refresh_tokens
            .sign(&claims)
            .map_err(Failure::internal)
    }
}
