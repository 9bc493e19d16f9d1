//! Unknown names: passed over where they may be another program's, an error where they are ours.

use super::{Case, refused};

#[test]
fn unknown_names_of_others_are_passed_over() {
    let case = Case::new()
        .variable("OLLAMA_BASE_URL", "x")
        .variable("PROT", "x")
        .file(".env", "PROT=1\nDEBUG=True\n");
    case.load();
}

#[test]
fn an_unknown_name_with_the_prefix_is_an_error_with_a_hint() {
    assert_eq!(
        refused("DOORWARD_PROT", "1"),
        "DOORWARD_PROT (environment): there is no such setting; did you mean DOORWARD_PORT?"
    );
    let case = Case::new().file(".env", "\nDOORWARD_SECRETKEY=confidential\n");
    assert_eq!(
        case.refusal(),
        "DOORWARD_SECRETKEY (.env line 2): there is no such setting; did you mean DOORWARD_SECRET_KEY?"
    );
}

#[test]
fn an_unknown_key_of_toml_is_an_error_with_a_hint() {
    let refusal = |text| Case::new().file("doorward.toml", text).refusal();
    let hint = |key: &str, known: &str| {
        format!("{key} (doorward.toml): there is no such setting; did you mean {known}?")
    };
    assert_eq!(
        refusal("databse_url = 'sqlite://'"),
        hint("databse_url", "database_url")
    );
    assert_eq!(refusal("PORT = 1"), hint("PORT", "port"));
    assert_eq!(refusal("app_nam = 1"), hint("app_nam", "app_name"));
}

#[test]
fn a_name_like_no_other_gets_no_hint() {
    assert_eq!(
        refused("DOORWARD_FAVOURITE_COLOUR", "blue"),
        "DOORWARD_FAVOURITE_COLOUR (environment): there is no such setting; `doorward config` lists those there are"
    );
}

/// An existing `.env` may name settings that this release does not have.
#[test]
fn settings_of_coming_releases_are_unknown_names() {
    let settings = Case::new()
        .variable("REDIS_URL", "redis://:hush@cache")
        .file(".env", "KEY_ROTATION_DAYS=hush\n")
        .load();
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    for name in ["DOORWARD_REDIS_URL", "DOORWARD_KEY_ROTATION_DAYS"] {
        assert_eq!(
            refused(name, "hush"),
            format!(
                "{name} (environment): there is no such setting; `doorward config` lists those there are"
            )
        );
    }
}

#[test]
fn what_kubernetes_tells_of_a_service_called_doorward_is_no_setting() {
    let settings = Case::new()
        .variable("DOORWARD_PORT", "tcp://10.96.0.7:8000")
        .variable("DOORWARD_SERVICE_HOST", "10.96.0.7")
        .variable("DOORWARD_SERVICE_PORT", "8000")
        .variable("DOORWARD_SERVICE_PORT_HTTP", "8000")
        .variable("DOORWARD_PORT_8000_TCP", "tcp://10.96.0.7:8000")
        .variable("DOORWARD_PORT_8000_TCP_ADDR", "10.96.0.7")
        .load();
    assert_eq!(settings.port, 8000);
    assert_eq!(super::shown(&settings, "PORT"), "8000 from default");
}
