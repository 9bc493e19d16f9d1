//! The commands of the readme, word for word.

use doorward_tests::databases::{self, Kind};
use doorward_tests::server::Program;
use serde_json::{Value, json};

#[test]
fn the_commands_of_the_readme_do_what_they_say() {
    databases::run(Kind::SqliteFile, async |db| {
        let app = Program::on(env!("CARGO_BIN_EXE_example-existing-app"), db).start();
        let Some(told) = app.walk(include_str!("../README.md")) else {
            return;
        };
        let answers: Vec<Value> = serde_json::Deserializer::from_str(&told)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap();
        let [member, note, listed, refused]: [Value; 4] = answers.try_into().unwrap();
        assert_eq!(member["workspace_id"], 1);
        assert_eq!(note["author_id"], member["user_id"]);
        assert_eq!(note["text"], "Buy tea");
        assert_eq!(listed, json!([note]));
        assert_eq!(refused["error"], "insufficient_privileges");
    });
}
