//! Environment before `.env` before `doorward.toml` before defaults, setting by setting.

use super::{Case, refused, shown, with};

fn all_layers() -> Case {
    Case::new()
        .variable("PORT", "1001")
        .file(".env", "# ports\nPORT=1002\nPASSWORD_MIN_LENGTH=12\n")
        .file(
            "doorward.toml",
            "port = 1003\npassword_min_length = 13\ndb_pool_size = 14\n",
        )
}

#[test]
fn the_first_layer_that_has_a_setting_wins() {
    let settings = all_layers().load();
    assert_eq!(shown(&settings, "PORT"), "1001 from environment");
    assert_eq!(
        shown(&settings, "PASSWORD_MIN_LENGTH"),
        "12 from .env line 3"
    );
    assert_eq!(shown(&settings, "DB_POOL_SIZE"), "14 from doorward.toml");
    assert_eq!(shown(&settings, "DB_MAX_OVERFLOW"), "10 from default");
    assert_eq!((settings.port, settings.password_min_length), (1001, 12));
    assert_eq!((settings.db_pool_size, settings.db_max_overflow), (14, 10));
}

#[test]
fn an_empty_value_leaves_the_setting_to_the_next_layer() {
    let case = Case::new()
        .variable("PORT", "")
        .file(".env", "PORT=\n")
        .file("doorward.toml", "port = 1003");
    assert_eq!(shown(&case.load(), "PORT"), "1003 from doorward.toml");
}

#[test]
fn a_higher_layer_wins_whatever_form_its_name_has() {
    let case = Case::new()
        .variable("APP_NAME", "From the environment")
        .file(".env", "DOORWARD_PROJECT_NAME=From the file\n");
    assert_eq!(case.load().project_name, "From the environment");
}

#[test]
fn either_name_of_a_pair_is_read() {
    for name in [
        "PROJECT_NAME",
        "APP_NAME",
        "DOORWARD_PROJECT_NAME",
        "DOORWARD_APP_NAME",
    ] {
        assert_eq!(with(name, "Mine").project_name, "Mine", "{name}");
    }
    assert_eq!(with("APP_VERSION", "0.5.0").version, "0.5.0");
    assert_eq!(with("API_V1_PREFIX", "/api/v2").api_prefix, "/api/v2");
    assert_eq!(
        with("ALLOWED_ORIGINS", "https://a.example").cors_origins,
        ["https://a.example"]
    );
}

#[test]
fn both_names_of_a_pair_must_agree() {
    let agreeing = Case::new()
        .variable("PROJECT_NAME", "Mine")
        .variable("APP_NAME", "Mine");
    assert_eq!(agreeing.load().project_name, "Mine");
    let case = Case::new().file(".env", "PROJECT_NAME=Mine\nAPP_NAME=Yours\n");
    assert_eq!(
        case.refusal(),
        "PROJECT_NAME (.env line 1): APP_NAME (.env line 2) says something else about the same setting: \
         keep one of them"
    );
}

#[test]
fn within_a_layer_the_prefixed_name_wins() {
    let case = Case::new()
        .variable("HOST", "build-machine")
        .variable("DOORWARD_HOST", "::1");
    assert_eq!(case.load().host, "::1");
}

#[test]
fn a_value_is_read_from_a_file_without_its_last_line_breaks() {
    for ending in ["", "\n", "\r\n"] {
        let case = Case::new()
            .file("password", &format!(" s3cret with spaces {ending}"))
            .file(".env", "FIRST_SUPERUSER_PASSWORD_FILE=password\n");
        let settings = case.load();
        assert_eq!(
            settings.first_superuser_password.as_ref().unwrap().expose(),
            " s3cret with spaces "
        );
        let line = super::line(&settings, "FIRST_SUPERUSER_PASSWORD");
        assert_eq!(
            line.written_as.as_deref(),
            Some("FIRST_SUPERUSER_PASSWORD_FILE")
        );
    }
}

#[test]
fn a_file_is_named_by_its_absolute_path_or_from_the_folder_and_in_every_layer() {
    let case = Case::new().file("port", "1005\n");
    let path = case.folder.path().join("port").display().to_string();
    assert_eq!(case.variable("DOORWARD_PORT_FILE", &path).load().port, 1005);
    let case = Case::new()
        .file("port", "1006\n")
        .file("doorward.toml", "port_file = \"port\"");
    assert_eq!(case.load().port, 1006);
}

#[test]
fn a_name_and_its_file_together_are_refused() {
    let case = Case::new()
        .file("port", "1005")
        .variable("PORT", "1005")
        .variable("PORT_FILE", "port");
    assert!(
        case.refusal()
            .starts_with("PORT (environment): PORT_FILE (environment) says something else")
    );
}

#[test]
fn a_file_that_is_missing_empty_or_huge_is_refused() {
    assert!(
        refused("SECRET_KEY_FILE", "nowhere").contains("SECRET_KEY_FILE (environment): the file")
    );
    let empty = Case::new()
        .file("key", "\n")
        .variable("SECRET_KEY_FILE", "key");
    assert!(empty.refusal().ends_with("key is empty"));
    let huge = Case::new()
        .file("key", &"x".repeat(65 * 1024))
        .variable("SECRET_KEY_FILE", "key");
    assert!(huge.refusal().ends_with("is larger than 65536 bytes"));
}

#[test]
fn toml_has_its_own_types_and_texts_will_do() {
    let case = Case::new().file(
        "doorward.toml",
        "port = \"1007\"\ndatabase_echo = true\nslow_request_seconds = 0.25\napp_name = \"Mine\"\n\
         allowed_origins = [\"https://a.example\", \"https://b.example:8443\"]\ndoorward_issuer = \"me\"\n",
    );
    let settings = case.load();
    assert_eq!((settings.port, settings.database_echo), (1007, true));
    assert_eq!(settings.slow_request.as_millis(), 250);
    assert_eq!(
        (settings.project_name.as_str(), settings.issuer.as_str()),
        ("Mine", "me")
    );
    assert_eq!(
        settings.cors_origins,
        ["https://a.example", "https://b.example:8443"]
    );
}

#[test]
fn a_toml_value_of_another_type_is_refused() {
    let case = Case::new().file("doorward.toml", "[port]\nnumber = 1\n");
    assert_eq!(
        case.refusal(),
        "port (doorward.toml): expected a text, a number, true, false or a list"
    );
}
