//! What a transaction changes, and the interface of the caches and workers that depend on it.

use std::fmt::Debug;

use uuid::Uuid;

use crate::domain::id::{SessionId, UserId};
use crate::domain::jobs::Queue;

/// What one message may hold. PostgreSQL rejects payloads of 8000 bytes or more, and a word has
/// at most 34 bytes.
const MAX_WORDS: usize = 200;

/// Something that a transaction changes, and that a cache or a worker depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// An account: its fields, roles or state, or its deletion.
    User(UserId),
    /// A session ended.
    Session(SessionId),
    /// The definition of a role, and thus the permissions of any number of accounts.
    Roles,
    /// The set of signing keys.
    Keys,
    /// A queue has a new job.
    Jobs(Queue),
    /// Personal data was deleted, and its traces must be deleted too.
    Erasure,
}

impl Change {
    /// Encodes the change as one word of a message.
    fn encode(self) -> String {
        match self {
            Self::User(id) => format!("u{}", id.as_uuid().simple()),
            Self::Session(id) => format!("s{}", id.as_uuid().simple()),
            Self::Roles => "r".to_owned(),
            Self::Keys => "k".to_owned(),
            Self::Jobs(queue) => format!("j{}", queue.as_str()),
            Self::Erasure => "e".to_owned(),
        }
    }

    fn decode(word: &str) -> Option<Self> {
        let (kind, rest) = word.split_at_checked(1)?;
        let uuid = || Uuid::try_parse(rest).ok();
        match kind {
            "u" => uuid().map(UserId::from_uuid).map(Self::User),
            "s" => uuid().map(SessionId::from_uuid).map(Self::Session),
            "r" if rest.is_empty() => Some(Self::Roles),
            "k" if rest.is_empty() => Some(Self::Keys),
            "j" => Queue::ALL
                .into_iter()
                .find(|queue| queue.as_str() == rest)
                .map(Self::Jobs),
            "e" if rest.is_empty() => Some(Self::Erasure),
            _ => None,
        }
    }
}

/// Encodes changes as messages to other servers.
pub(super) fn encode(changes: &[Change]) -> impl Iterator<Item = String> {
    changes.chunks(MAX_WORDS).map(|changes| {
        let words: Vec<_> = changes.iter().map(|change| change.encode()).collect();
        words.join(" ")
    })
}

/// Decodes a message. Returns `None` if it has a word that this release does not know.
pub(super) fn decode(message: &str) -> Option<Vec<Change>> {
    message.split(' ').map(Change::decode).collect()
}

/// A cache or a worker signal, as the change bus calls it.
pub(crate) trait ChangeListener: Send + Sync + Debug {
    /// Handles changes that were committed, or may have been: the outcome of a commit can be
    /// unknown.
    fn on_changes(&self, changes: &[Change]);

    /// Handles commits whose changes are unknown. Anything may have changed.
    fn on_unknown_changes(&self);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change() -> impl Strategy<Value = Change> {
        let uuid = || any::<u128>().prop_map(Uuid::from_u128);
        prop_oneof![
            uuid().prop_map(UserId::from_uuid).prop_map(Change::User),
            uuid()
                .prop_map(SessionId::from_uuid)
                .prop_map(Change::Session),
            Just(Change::Roles),
            Just(Change::Keys),
            Just(Change::Jobs(Queue::Deferred)),
            Just(Change::Jobs(Queue::Mail)),
            Just(Change::Erasure),
        ]
    }

    proptest! {
        #[test]
        fn decode_returns_the_encoded_changes_in_messages_that_postgres_accepts(
            changes in prop::collection::vec(change(), 0..1_000),
        ) {
            let messages: Vec<_> = encode(&changes).collect();
            prop_assert!(messages.iter().all(|message| message.len() < 8_000));
            let decoded: Vec<_> = messages
                .iter()
                .flat_map(|message| decode(message).unwrap())
                .collect();
            prop_assert_eq!(decoded, changes);
        }

        #[test]
        fn decode_never_panics(message in "\\PC*") {
            drop(decode(&message));
        }
    }

    #[test]
    fn decode_rejects_a_message_with_an_unknown_word() {
        for word in [
            "",
            "u",
            "x00000000000000000000000000000007",
            "r1",
            "j",
            "jbulk",
            "é",
        ] {
            assert_eq!(decode(word), None, "{word}");
            assert_eq!(decode(&format!("r {word} k")), None, "{word}");
        }
    }
}
