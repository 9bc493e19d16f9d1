//! Roles × actions, to be read by people.

use std::fmt::Write as _;

use super::table::{ACTORS, Row, TABLE, Whose};

/// The actions of the permission matrix that the API's clients were written for, and the
/// row of the table that each stands for. Guests have no column in it: they are below users.
const ACTIONS: [(&str, &str); 9] = [
    ("Register", "POST /api/v1/auth/register"),
    ("Login", "POST /api/v1/auth/login"),
    ("View own profile", "GET /api/v1/users/me own"),
    (
        "Update own profile",
        "PATCH /api/v1/users/me own (plain fields)",
    ),
    ("View all users", "GET /api/v1/users"),
    ("View other users", "GET /api/v1/users/{id} another's"),
    (
        "Update other users",
        "PATCH /api/v1/users/{id} another's (plain fields)",
    ),
    (
        "Change user roles",
        "PATCH /api/v1/users/{id} another's (roles)",
    ),
    ("Delete users", "DELETE /api/v1/users/{id} another's"),
];

/// What the columns of these actors say; that it is true, the table's own test proves.
fn marks(row: &Row, actors: &[&str]) -> String {
    let mut marks = String::new();
    for (actor, status) in ACTORS.into_iter().zip(row.statuses) {
        if actors.contains(&actor) {
            let mark = if status < 300 { "yes" } else { "-" };
            write!(marks, " {mark:<10}").unwrap();
        }
    }
    marks.trim_end().to_owned()
}

fn head(actors: &[&str]) -> String {
    let columns: String = actors.iter().map(|name| format!(" {name:<10}")).collect();
    format!("{:<20}{}\n", "", columns.trim_end())
}

#[test]
fn the_roles_may_do_what_their_matrix_says() {
    let actors = ["user", "moderator", "admin"];
    let mut matrix = head(&actors);
    for (action, name) in ACTIONS {
        let row = TABLE.iter().find(|row| row.name() == name).unwrap();
        writeln!(matrix, "{action:<20}{}", marks(row, &actors)).unwrap();
    }
    insta::assert_snapshot!(matrix, @r#"
                         user       moderator  admin
    Register             yes        yes        yes
    Login                yes        yes        yes
    View own profile     yes        yes        yes
    Update own profile   yes        yes        yes
    View all users       -          yes        yes
    View other users     -          yes        yes
    Update other users   -          -          yes
    Change user roles    -          -          yes
    Delete users         -          -          yes
    "#);
}

#[test]
fn who_may_do_what() {
    let mut matrix = format!("{:<69}", "");
    writeln!(matrix, "{}", head(&ACTORS).trim_start().trim_end()).unwrap();
    for row in TABLE {
        let whose = match row.whose {
            Whose::Nobodys => "",
            Whose::Own => "own",
            Whose::Anothers => "another's",
        };
        let name = format!("{:<6} {} {}", row.method, row.path, row.what);
        writeln!(
            matrix,
            "{:<58}{:<10}{}",
            name.trim_end(),
            whose,
            marks(row, &ACTORS)
        )
        .unwrap();
    }
    insta::assert_snapshot!("matrix", matrix);
}
