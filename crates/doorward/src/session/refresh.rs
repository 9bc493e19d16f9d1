//! Refresh: one live token in a family, rotated at each use (RFC 9700 §4.14.2).

use std::sync::Arc;

use doorward_protocol::claims::{Expectations, RefreshClaims, TokenError};

use crate::account::{UserRecord, UserSnapshot};
use crate::audit::{Action, Record};
use crate::authn::AuthenticateError;
use crate::authz::Caller;
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::{SessionId, TokenId, UserId};
use crate::limits::{LimitClass, Throttled};
use crate::mail::{MailFacts, MailKind};
use crate::store::db::{Change, StoreError, Tx};
use crate::store::sessions::{self, Rotation, SessionRecord};
use crate::store::{audit, users};

use super::{SessionTokens, TokenPair};

/// Why a refresh token was refused.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token itself is no good, or no longer.
    #[error(transparent)]
    Token(TokenError),
    /// The session has ended, or the account is deactivated or gone.
    #[error("the session has ended")]
    Revoked,
    /// The token was used before: its session was ended, because one of the two who
    /// have it must have stolen it.
    #[error("the token was used before; its session was ended")]
    Reused,
    /// The network or the account asks too often.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database did not answer.
    #[error("the token could not be exchanged")]
    Internal(#[source] Failure),
}

fails_internally!(RefreshError);

/// What a presented token turns out to be, when it is not the live one of a live session.
enum Stale {
    /// The previous one, presented again soon enough: its successor is issued once more.
    Retry(SessionTokens),
    /// An old one: the session was ended.
    Reuse,
    /// One of a session that ended, expired or never was.
    Dead,
}

impl Doorward {
    /// Exchanges a refresh token for a new pair of tokens.
    ///
    /// The exchanged token is used up. Presented again within ten seconds (or what the
    /// builder was told) and before its successor is used, it yields the very same
    /// successor: a client that lost the answer, or that asks twice at once, stays logged
    /// in. Presented at any other time it ends the session.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let anna = auth.login_as("user").await;
    /// # let (caller, tokens) = (doorward::testing::anonymous(), anna.tokens);
    /// use std::time::Duration;
    /// use doorward::RefreshError;
    ///
    /// let next = auth.refresh(&tokens.refresh_token, &caller).await?;
    /// assert!(auth.authenticate(&next.access_token).await.is_ok());
    ///
    /// // Whoever presents an old one a minute later may have stolen it.
    /// auth.advance(Duration::from_secs(60));
    /// let reused = auth.refresh(&tokens.refresh_token, &caller).await;
    /// assert!(matches!(reused, Err(RefreshError::Reused)));
    /// assert!(auth.authenticate(&next.access_token).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RefreshError::Token`] where the token is malformed, forged, expired or not a refresh
    /// token of this issuer; [`RefreshError::Revoked`] where its session has ended or its
    /// account is deactivated or deleted; [`RefreshError::Reused`] as it says;
    /// [`RefreshError::Throttled`] where the caller's network, or the account of a good token,
    /// asks more often than [`RateLimits::refresh`](crate::RateLimits::refresh) allows;
    /// [`RefreshError::Internal`] where the database does not answer, or no token can be issued:
    /// the account lacks the name that tokens call it by, or
    /// [`Hooks::claims`](crate::Hooks::claims) adds too much.
    pub async fn refresh(
        &self,
        refresh_token: &str,
        caller: &Caller,
    ) -> Result<TokenPair, RefreshError> {
        self.check_network_limit(LimitClass::Refresh, caller)
            .await?;
        let claims = self.verify_refresh_token(refresh_token)?;
        // Whose account it is, only a good signature tells: nobody uses up another's limit.
        let account = parse_subject(&claims)?;
        self.check_account_limit(LimitClass::Refresh, caller, &account.to_string())
            .await?;
        let user = self.find_user_to_refresh(account).await?;
        let step = self.next_step(&claims, user.id);
        // Before the token is used up: where none can be issued, it is as good as before.
        let issued = self.issue_tokens(&user, &SessionTokens::after(&step))?;
        if self.rotate(step).await? {
            return Ok(issued);
        }
        match self.judge_stale_token(step, caller).await? {
            Stale::Retry(tokens) => Ok(self.issue_tokens(&user, &tokens)?),
            Stale::Reuse => Err(RefreshError::Reused),
            Stale::Dead => Err(RefreshError::Revoked),
        }
    }

    fn verify_refresh_token(&self, refresh_token: &str) -> Result<RefreshClaims, RefreshError> {
        let expectations = Expectations {
            issuer: &self.config().issuer,
            audience: None,
            now: self.now().as_seconds(),
            leeway: 0,
        };
        RefreshClaims::verify(&self.keys().refresh_tokens, refresh_token, &expectations)
            .map_err(RefreshError::Token)
    }

    async fn find_user_to_refresh(&self, id: UserId) -> Result<Arc<UserSnapshot>, RefreshError> {
        self.find_active_user(id)
            .await
            .map_err(|error| match error {
                AuthenticateError::Internal(failure) => RefreshError::Internal(failure),
                AuthenticateError::Token(_)
                | AuthenticateError::Revoked
                | AuthenticateError::Inactive => RefreshError::Revoked,
            })
    }

    fn next_step(&self, claims: &RefreshClaims, user: UserId) -> Rotation {
        let now = self.now();
        Rotation {
            session: SessionId::from_uuid(claims.sid),
            user,
            presented: TokenId::from_uuid(claims.jti),
            successor: TokenId::generate(now, self.entropy()),
            now,
            expires_at: now + self.config().refresh_token_ttl,
        }
    }

    /// The one row that a refresh writes; whoever comes second finds it changed.
    async fn rotate(&self, step: Rotation) -> Result<bool, RefreshError> {
        self.database()
            .write_single(move |tx| Box::pin(async move { sessions::rotate(tx, &step).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    async fn judge_stale_token(
        &self,
        step: Rotation,
        caller: &Caller,
    ) -> Result<Stale, RefreshError> {
        let retry = self.config().refresh_retry;
        let record = self
            .record(Action::RefreshTokenReused, caller)
            .on(step.user)
            .in_session(step.session)
            .refused("reused");
        let (engine, caller) = (self.clone(), caller.clone());
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    let Some(session) = find_live(tx, &step).await? else {
                        return Ok(Stale::Dead);
                    };
                    // A clock that was set back must not stretch the time for retries.
                    let age = step
                        .now
                        .since(session.rotated_at)
                        .max(session.rotated_at.since(step.now));
                    if session.previous_jti == Some(step.presented) && age <= retry {
                        return Ok(Stale::Retry(SessionTokens::of(&session)));
                    }
                    end_for_reuse(tx, &step, &record).await?;
                    engine.tell_of_reuse(tx, &step, &caller).await?;
                    Ok(Stale::Reuse)
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }
}

impl Doorward {
    async fn tell_of_reuse(
        &self,
        tx: &mut Tx<'_>,
        step: &Rotation,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        let owner = users::find(tx, step.user).await?;
        let to = owner.as_ref().and_then(UserRecord::recipient);
        let facts = MailFacts::of_event(&caller.origin, step.now);
        let notice = MailKind::TokenReused;
        self.tell(tx, to, notice, facts, &caller.origin).await
    }
}

fn parse_subject(claims: &RefreshClaims) -> Result<UserId, RefreshError> {
    claims
        .sub
        .parse()
        .map_err(|_| RefreshError::Token(TokenError::Malformed))
}

async fn find_live(tx: &mut Tx<'_>, step: &Rotation) -> Result<Option<SessionRecord>, StoreError> {
    let live = |session: &SessionRecord| {
        session.user_id == step.user
            && session.revoked_at.is_none()
            && session.expires_at > step.now
    };
    Ok(sessions::find(tx, step.session).await?.filter(live))
}

async fn end_for_reuse(
    tx: &mut Tx<'_>,
    step: &Rotation,
    record: &Record,
) -> Result<(), StoreError> {
    sessions::revoke(tx, step.session, step.user, step.now).await?;
    tx.changed(Change::Session(step.session));
    audit::insert(tx, record).await
}
