//! What `.env` may look like.

use super::Case;

/// The name of the project as one line of `.env` has it.
fn name_of(line: &str) -> String {
    Case::new()
        .variable("FROM_OUTSIDE", "out")
        .file(".env", line)
        .load()
        .project_name
}

#[test]
fn values_are_read_as_python_dotenv_reads_them() {
    let table = [
        ("PROJECT_NAME=plain", "plain"),
        ("PROJECT_NAME=two words", "two words"),
        ("PROJECT_NAME = around ", "around"),
        ("export PROJECT_NAME=exported", "exported"),
        ("\u{feff}PROJECT_NAME=marked", "marked"),
        ("A=1\r\nPROJECT_NAME=windows\r\nB=2\r\n", "windows"),
        ("PROJECT_NAME=with # a comment", "with"),
        ("PROJECT_NAME=with#no comment", "with#no comment"),
        (
            "PROJECT_NAME='single # \"quotes\"' # comment",
            "single # \"quotes\"",
        ),
        ("PROJECT_NAME=\"double 'quotes'\"", "double 'quotes'"),
        (r#"PROJECT_NAME="an \"escape\" \\""#, r#"an "escape" \"#),
        (r"PROJECT_NAME='it\'s'", "it's"),
        ("PROJECT_NAME=it's", "it's"),
        (
            "PROJECT_NAME=[\"inner\",\"quotes\"]",
            "[\"inner\",\"quotes\"]",
        ),
        (r"PROJECT_NAME=back\slash", r"back\slash"),
        ("PROJECT_NAME=a$b", "a$b"),
        ("PROJECT_NAME=first\nPROJECT_NAME=last", "last"),
        ("OTHER='over\nlines'\nPROJECT_NAME=after", "after"),
        ("NAME_ALONE\nPROJECT_NAME=after", "after"),
        ("PROJECT_NAME= # nothing", "Doorward"),
        ("PROJECT_NAME=", "Doorward"),
        ("# PROJECT_NAME=comment", "Doorward"),
    ];
    for (text, expected) in table {
        assert_eq!(name_of(text), expected, "{text}");
    }
}

#[test]
fn references_are_replaced() {
    let table = [
        ("A=one\nPROJECT_NAME=${A} two", "one two"),
        ("PROJECT_NAME=\"in ${FROM_OUTSIDE}\"", "in out"),
        ("FROM_OUTSIDE=near\nPROJECT_NAME=${FROM_OUTSIDE}", "near"),
        ("PROJECT_NAME=${MISSING:-else}", "else"),
        ("PROJECT_NAME='${FROM_OUTSIDE}'", "${FROM_OUTSIDE}"),
        ("PROJECT_NAME=${open", "${open"),
    ];
    for (text, expected) in table {
        assert_eq!(name_of(text), expected, "{text}");
    }
}

#[test]
fn a_reference_to_nothing_is_refused_in_our_settings_alone() {
    let case = Case::new().file(".env", "OTHER=${MISSING}\nSECRET_KEY=my${MISSING}key\n");
    let refusal = case.refusal();
    assert!(
        refusal.starts_with(
            "SECRET_KEY (.env line 2): refers with ${…} to a variable that is not set"
        )
    );
    assert_eq!(refusal.lines().count(), 1);
}

#[test]
fn a_broken_line_is_named_by_its_number_and_never_shown() {
    let table = [
        ("A=1\nhush hush\n", ".env line 2: expected NAME=value"),
        ("=hush", ".env line 1: expected NAME=value"),
        (
            "A='two\nlines'\nSECRET_KEY='hush",
            ".env line 3: a quote is opened and not closed",
        ),
        (
            "SECRET_KEY=\"hush\" hush",
            ".env line 1: expected nothing behind the closing quote",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(Case::new().file(".env", text).refusal(), expected);
    }
}

#[test]
fn lines_are_counted_through_values_of_several_lines() {
    let case = Case::new().file(".env", "A='one\ntwo\n'\n\nPORT=1\n");
    assert_eq!(super::shown(&case.load(), "PORT"), "1 from .env line 5");
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let case = Case::new();
    std::fs::write(case.folder.path().join(".env"), [0xff, 0xfe]).unwrap();
    assert!(case.refusal().starts_with(".env: cannot be read: "));
}
