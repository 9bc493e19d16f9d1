//! The refresh family against a small model of it: whatever is done in whatever order,
//! the engine says what the model says.

use std::collections::HashSet;
use std::time::Duration;

use doorward::{
    AuthenticateError, Authenticated, Caller, Origin, RefreshError, TokenError, TokenPair,
};
use doorward_tests::engine::{TestEngine, anonymous};
use proptest::prelude::*;

/// Half an hour for access tokens, an hour for sessions, ten seconds for retries.
const ACCESS_TTL: i64 = 30 * 60_000;
const SESSION_TTL: i64 = 60 * 60_000;
const RETRY: i64 = 10_000;

#[derive(Clone, Debug)]
enum Step {
    /// Presents a token of a family; both are counted from the newest.
    Present {
        family: usize,
        age: usize,
    },
    Advance {
        millis: u64,
    },
    LogOut {
        family: usize,
    },
    LogIn,
}

fn step() -> impl Strategy<Value = Step> {
    let family = 0..3usize;
    // The young tokens matter most, the old ones must be tried as well.
    let age = prop_oneof![4 => Just(0usize), 4 => Just(1usize), 1 => 2..6usize];
    let millis = prop_oneof![
        4 => 0..3_000u64,
        3 => 9_990..10_010u64,
        1 => 0..1_900_000u64,
        1 => 3_590_000..3_610_000u64,
    ];
    prop_oneof![
        8 => (family.clone(), age).prop_map(|(family, age)| Step::Present { family, age }),
        4 => millis.prop_map(|millis| Step::Advance { millis }),
        1 => family.prop_map(|family| Step::LogOut { family }),
        1 => Just(Step::LogIn),
    ]
}

/// A refresh token, and the second from which on it is refused.
#[derive(Debug)]
struct Token {
    text: String,
    expires_second: i64,
}

/// What may be expected of a refresh.
#[derive(Debug, PartialEq)]
enum Expected {
    /// A token that there never was.
    New,
    /// This one, once more.
    Again(String),
    Expired,
    Revoked,
    Reused,
}

/// One session: its tokens, the oldest first.
#[derive(Debug)]
struct Family {
    tokens: Vec<Token>,
    rotated_at: i64,
    expires_at: i64,
    ended: bool,
    access_token: String,
    access_expires_second: i64,
    who: Authenticated,
}

impl Family {
    fn expects(&self, position: usize, now: i64) -> Expected {
        let newest = self.tokens.len() - 1;
        if now / 1_000 >= self.tokens[position].expires_second {
            return Expected::Expired;
        }
        if self.ended || now >= self.expires_at {
            return Expected::Revoked;
        }
        if position == newest {
            return Expected::New;
        }
        if position + 1 == newest && now - self.rotated_at <= RETRY {
            return Expected::Again(self.tokens[newest].text.clone());
        }
        Expected::Reused
    }

    fn is_live(&self, now: i64) -> bool {
        !self.ended && now < self.expires_at
    }

    fn rotate(&mut self, pair: &TokenPair, now: i64) {
        self.expires_at = now + SESSION_TTL;
        self.rotated_at = now;
        self.tokens.push(Token {
            text: pair.refresh_token.to_string(),
            expires_second: self.expires_at / 1_000,
        });
    }

    fn hold(&mut self, pair: &TokenPair, now: i64) {
        self.access_token = pair.access_token.to_string();
        self.access_expires_second = (now + ACCESS_TTL) / 1_000;
    }
}

struct Model {
    engine: TestEngine,
    families: Vec<Family>,
    texts: HashSet<String>,
}

impl Model {
    async fn start() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        let engine = TestEngine::in_memory_with(|builder| {
            builder
                .access_token_ttl(minutes(30))
                .refresh_token_ttl(minutes(60))
        })
        .await;
        engine.sign_up("anna@example.com").await;
        let mut model = Self {
            engine,
            families: Vec::new(),
            texts: HashSet::new(),
        };
        model.log_in().await;
        model
    }

    fn now(&self) -> i64 {
        self.engine.now().as_millis()
    }

    fn position(&self, from_newest: usize) -> usize {
        self.families.len() - 1 - from_newest % self.families.len()
    }

    async fn log_in(&mut self) {
        let visitor = self.engine.log_in("anna@example.com").await;
        let now = self.now();
        let mut family = Family {
            tokens: Vec::new(),
            rotated_at: now,
            expires_at: now,
            ended: false,
            access_token: String::new(),
            access_expires_second: 0,
            who: visitor.who,
        };
        family.rotate(&visitor.tokens, now);
        family.hold(&visitor.tokens, now);
        assert!(self.texts.insert(family.tokens[0].text.clone()));
        self.families.push(family);
    }

    async fn log_out(&mut self, family: usize) {
        let position = self.position(family);
        let family = &mut self.families[position];
        let caller = Caller::user(family.who.clone(), Origin::default());
        self.engine.logout(&family.who, &caller).await.unwrap();
        family.ended = true;
    }

    async fn present(&mut self, family: usize, age: usize) {
        let now = self.now();
        let position = self.position(family);
        let family = &mut self.families[position];
        let token = family.tokens.len() - 1 - age % family.tokens.len();
        let expected = family.expects(token, now);
        let answer = self
            .engine
            .refresh(&family.tokens[token].text, &anonymous())
            .await;
        match (expected, answer) {
            (Expected::New, Ok(pair)) => {
                assert!(
                    self.texts.insert(pair.refresh_token.to_string()),
                    "a token that there was before"
                );
                family.rotate(&pair, now);
                family.hold(&pair, now);
            }
            (Expected::Again(text), Ok(pair)) => {
                assert_eq!(*pair.refresh_token, text);
                family.hold(&pair, now);
            }
            (Expected::Reused, Err(RefreshError::Reused)) => family.ended = true,
            (Expected::Revoked, Err(RefreshError::Revoked))
            | (Expected::Expired, Err(RefreshError::Token(TokenError::Expired))) => {}
            (expected, answer) => panic!("{expected:?} was expected, and came {answer:?}"),
        }
    }

    /// Whether each family's newest access token and the list of sessions say what is true.
    async fn check(&self) {
        let now = self.now();
        let mut live = None;
        for family in &self.families {
            let answer = self.engine.authenticate(&family.access_token).await;
            let expired = now / 1_000 >= family.access_expires_second;
            match answer {
                Ok(_) => assert!(!expired && family.is_live(now)),
                Err(AuthenticateError::Token(TokenError::Expired)) => assert!(expired),
                Err(AuthenticateError::Revoked) => assert!(!expired && !family.is_live(now)),
                Err(other) => panic!("{other:?}"),
            }
            live = live.or_else(|| family.is_live(now).then_some(&family.who));
        }
        let Some(who) = live else { return };
        let listed = self.engine.list_sessions(who).await.unwrap();
        let expected = self.families.iter().filter(|family| family.is_live(now));
        assert_eq!(listed.len(), expected.count());
    }

    /// Presents every token of a family, the oldest first: at the most one is exchanged
    /// for a token that there never was, because at the most one is live.
    async fn exhaust(&mut self, position: usize) {
        let mut exchanged = 0;
        let texts: Vec<_> = self.families[position]
            .tokens
            .iter()
            .map(|token| token.text.clone())
            .collect();
        for text in texts {
            if let Ok(pair) = self.engine.refresh(&text, &anonymous()).await {
                exchanged += usize::from(self.texts.insert(pair.refresh_token.to_string()));
            }
        }
        assert!(exchanged <= 1, "{exchanged} live tokens in one family");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_family_does_what_its_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut model = Model::start().await;
            for step in steps {
                match step {
                    Step::Present { family, age } => model.present(family, age).await,
                    Step::Advance { millis } => {
                        model.engine.advance(Duration::from_millis(millis));
                    }
                    Step::LogOut { family } => model.log_out(family).await,
                    Step::LogIn => model.log_in().await,
                }
                model.check().await;
            }
            for position in 0..model.families.len() {
                model.exhaust(position).await;
            }
        });
    }
}
