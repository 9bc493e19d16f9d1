use std::io::Write as _;

use tempfile::NamedTempFile;

use super::*;

fn written(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn opened(text: &str) -> BreachFile {
    BreachFile::open(written(text).path()).unwrap()
}

fn refusal(text: &str) -> String {
    BreachFile::open(written(text).path())
        .unwrap_err()
        .to_string()
}

fn hash(number: u64) -> String {
    format!("{:040X}", u128::from(number) * 0x0001_0003_0007_000F)
}

async fn has(file: &BreachFile, password: &str) -> bool {
    file.contains(&Password::new(password.to_owned()))
        .await
        .unwrap()
}

#[tokio::test]
async fn passwords_are_found_by_their_hash() {
    let known = ["hunter2", "widgets-2019", "correct horse"];
    let mut lines: Vec<String> = known
        .iter()
        .map(|text| PasswordSha1::of(&Password::new((*text).to_owned())))
        .map(|hash| format!("{}:3\r\n", hash.as_str()))
        .collect();
    lines.sort();
    let file = opened(&lines.concat());
    for text in known {
        assert!(has(&file, text).await, "{text}");
        assert!(!has(&file, &format!("{text} ")).await, "{text}");
    }
}

#[test]
fn every_line_is_found_and_nothing_else() {
    for lines in [1, 2, 3, 7, 100, 1000_u64] {
        for end in ["\n", "\r\n"] {
            // Lines of all lengths, so that the middle falls everywhere.
            let text: String = (1..=lines)
                .map(|at| format!("{}:{}{end}", hash(2 * at), 10_u64.pow((at % 19) as u32)))
                .collect();
            for text in [text.as_str(), text.trim_end()] {
                let file = opened(text);
                for at in 0..=2 * lines + 1 {
                    let expected = at > 0 && at % 2 == 0;
                    let found = file.has(hash(at).as_bytes()).unwrap();
                    assert_eq!(found, expected, "{at} of {lines}");
                }
            }
        }
    }
}

#[test]
fn case_does_not_matter_and_no_count_is_none() {
    let text = format!("{}:0\n{}:1\n", hash(1), hash(2).to_lowercase());
    let file = opened(&text);
    assert!(!file.has(hash(1).as_bytes()).unwrap());
    assert!(file.has(hash(2).as_bytes()).unwrap());
}

#[test]
fn what_is_no_such_file_is_refused_at_start() {
    let form = "expected lines of a SHA-1, a colon and a count";
    assert_eq!(refusal(""), form);
    assert_eq!(refusal("password\n"), form);
    assert_eq!(refusal(&hash(1)), form);
    assert_eq!(refusal(&format!("{}:many\n", hash(1))), form);
    assert_eq!(refusal(&format!("{}:1\n\n", hash(1))), form);
    assert_eq!(refusal(&"G".repeat(40)), form);
    assert_eq!(
        refusal(&format!("{}:1\n{}:1\n", hash(2), hash(1))),
        "the hashes are not in order"
    );
    assert_eq!(
        refusal(&format!("{}:1\n{}", hash(1), "0".repeat(500))),
        "a line is too long"
    );
    assert!(BreachFile::open(Path::new("/does/not/exist")).is_err());
}

#[test]
fn what_is_broken_in_the_middle_is_told_when_it_is_met() {
    let text = format!("{}:1\n<html>\n{}:1\n", hash(1), hash(9));
    let file = opened(&text);
    assert!(file.has(hash(5).as_bytes()).is_err());
}
