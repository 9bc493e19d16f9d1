//! The part of `deny.toml` that needs no other program than cargo.

use serde::Deserialize;
use spdx::{Expression, ParseMode};

/// What may be built in. `deny.toml` is the only place that says so.
#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    unknown_registry: Level,
    unknown_git: Level,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Deny,
    Warn,
    Allow,
}

impl Policy {
    /// Reads `deny.toml`.
    ///
    /// # Errors
    ///
    /// When a part that is enforced here is missing or of another shape.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| format!("deny.toml: {error}"))
    }

    /// Whether a licence expression can be satisfied with allowed licences.
    ///
    /// # Errors
    ///
    /// With the reason: none stated, not SPDX, not allowed.
    pub(super) fn check_license(&self, license: Option<&str>) -> Result<(), String> {
        let text = license.ok_or("states no licence")?;
        let expression = Expression::parse_mode(text, ParseMode::LAX)
            .map_err(|error| format!("states no SPDX licence: {text} ({})", error.reason))?;
        let allowed = expression.evaluate(|requirement| {
            let name = requirement.to_string();
            self.licenses.allow.contains(&name)
        });
        if allowed {
            Ok(())
        } else {
            Err(format!("its licence is not allowed: {text}"))
        }
    }

    /// Whether a package of this name may be built in.
    ///
    /// # Errors
    ///
    /// With the reason of the ban.
    pub(super) fn check_name(&self, name: &str) -> Result<(), String> {
        self.bans
            .deny
            .iter()
            .find(|ban| ban.name == name)
            .map_or(Ok(()), |ban| Err(format!("is banned: {}", ban.reason)))
    }

    /// Whether a package may come from there (`None`: the workspace itself).
    ///
    /// # Errors
    ///
    /// With the source, where it is another one than crates.io.
    pub(super) fn check_source(
        &self,
        source: Option<&cargo_metadata::Source>,
    ) -> Result<(), String> {
        let Some(source) = source.filter(|source| !source.is_crates_io()) else {
            return Ok(());
        };
        let level = if source.repr.starts_with("git+") {
            self.sources.unknown_git
        } else {
            self.sources.unknown_registry
        };
        if level == Level::Deny {
            Err(format!("comes from {source}"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy::parse(
            r#"
            [licenses]
            allow = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
            [bans]
            deny = [{ crate = "ring", reason = "one provider" }]
            [sources]
            unknown-registry = "deny"
            unknown-git = "deny"
            "#,
        )
        .unwrap()
    }

    #[test]
    fn a_choice_needs_one_allowed_licence_and_a_sum_all() {
        for (license, allowed) in [
            ("MIT", true),
            ("GPL-3.0-only OR MIT", true),
            ("GPL-3.0-only/MIT", true),
            ("(MIT OR GPL-3.0-only) AND ISC", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0", false),
            ("MIT AND GPL-3.0-only", false),
            ("GPL-3.0-only", false),
            ("ask us", false),
        ] {
            let checked = policy().check_license(Some(license));
            assert_eq!(checked.is_ok(), allowed, "{license}: {checked:?}");
        }
        assert!(policy().check_license(None).is_err());
    }

    #[test]
    fn a_ban_tells_its_reason() {
        assert_eq!(policy().check_name("rustls"), Ok(()));
        assert_eq!(
            policy().check_name("ring"),
            Err("is banned: one provider".to_owned())
        );
    }

    #[test]
    fn only_crates_io_is_a_source() {
        let source = |text: &str| {
            toml::from_str::<std::collections::BTreeMap<String, cargo_metadata::Source>>(&format!(
                "source = '{text}'"
            ))
            .unwrap()
            .remove("source")
        };
        let crates_io = source("registry+https://github.com/rust-lang/crates.io-index");
        let git = source("git+https://example.com/repository#0123456");
        let registry = source("registry+https://example.com/index");
        assert_eq!(policy().check_source(None), Ok(()));
        assert_eq!(policy().check_source(crates_io.as_ref()), Ok(()));
        assert!(policy().check_source(git.as_ref()).is_err());
        assert!(policy().check_source(registry.as_ref()).is_err());
    }

    #[test]
    fn the_policy_of_this_workspace_is_understood() {
        let text = std::fs::read_to_string(crate::shell::root().join("deny.toml")).unwrap();
        let policy = Policy::parse(&text).unwrap();
        assert!(policy.check_name("ring").is_err());
        assert!(policy.check_license(Some("MIT OR Apache-2.0")).is_ok());
    }
}
