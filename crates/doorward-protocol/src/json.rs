//! JSON as a token may use it: an object, in which no name occurs twice.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Checks that the text is one JSON object and that no object in it, at any
/// depth, names a member twice.
///
/// RFC 7519 §4 lets a reader refuse such a text or take the last member; two
/// readers that choose differently see two different tokens, so it is refused.
/// Members that nobody asks for count too, which a derived `Deserialize` would
/// pass over.
pub(crate) fn check_object(text: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Object>(text).map(|Object| ())
}

struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Checker).map(|()| Self)
    }
}

struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Checker).map(|()| Self)
    }
}

/// Walks a value and keeps nothing of it.
struct Checker;

impl<'de> Visitor<'de> for Checker {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with distinct member names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // Sorting finds equal names in one small allocation, and stays cheap
        // for the thousand members that a token has room for.
        let mut names = Vec::with_capacity(16);
        while let Some(Name(name)) = map.next_key()? {
            names.push(name);
            let Anything = map.next_value()?;
        }
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(A::Error::custom("a member name occurs twice"));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(Anything) = elements.next_element()? {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name, escapes resolved, borrowed from the text where it has none.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::check_object;

    #[test]
    fn accepts_objects_with_distinct_names() {
        for text in [
            "{}",
            r#" {"a":1,"A":-2,"b":[1.5,null,true,"x"],"c":{"a":{"a":{}}}} "#,
            r#"{"a":[{"b":1},{"b":2}]}"#,
        ] {
            assert!(check_object(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_a_name_that_occurs_twice() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[[{"a":1,"a":2}]]}"#,
        ] {
            assert!(check_object(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_one_object() {
        for text in [
            "",
            "null",
            "[]",
            r#"["a"]"#,
            "1",
            r#""a""#,
            "{",
            "{}{}",
            "{} x",
            r#"{"a":1,}"#,
            r#"{"a":NaN}"#,
            r#"{"a":1e999}"#,
            r#"{"a":"\ud800"}"#,
            "{'a':1}",
            "\u{feff}{}",
        ] {
            assert!(check_object(text.as_bytes()).is_err(), "{text}");
        }
        assert!(check_object(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn refuses_depth_without_exhausting_the_stack() {
        let deep = format!("{{\"a\":{}", "[".repeat(6_000));
        assert!(check_object(deep.as_bytes()).is_err());
    }
}
