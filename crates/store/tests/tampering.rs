//! The check finds whatever was changed behind the catalog's back, and says which row it was.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod support;

use rusqlite::Connection;
use support::Scratch;

fn filled() -> Scratch {
    let scratch = Scratch::new();
    scratch.says(
        "dbt:shop",
        1,
        "dataset pg://h raw.orders description: raw ones
         dataset pg://h clean.orders
         dataset pg://h raw.orders -> dataset pg://h clean.orders",
    );
    scratch.edit("clean.orders", "description", "checked");
    scratch.edit("clean.orders", "tags/gold", true);
    assert_eq!(scratch.problems(), []);
    scratch
}

/// Does `sql` to the file as somebody with another program would, and gives what the check says then.
fn after(sql: &str) -> Vec<String> {
    let scratch = filled();
    let db = Connection::open(&scratch.path).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let changed = db.execute(sql, []).unwrap();
    assert!(changed > 0, "{sql} changed nothing");
    drop(db);
    scratch.problems().into_iter().map(|problem| format!("{}: {}", problem.place, problem.what)).collect()
}

fn finds(sql: &str, place: &str) {
    let problems = after(sql);
    assert!(problems.iter().any(|problem| problem.contains(place)), "{sql}\nfound {problems:?}, not {place}");
}

#[test]
fn a_changed_value_in_the_log_is_found() {
    finds("UPDATE change SET after = replace(after, 'checked', 'altered')", "change 0 of operation 2");
    finds("UPDATE change SET subject = zeroblob(16) WHERE seq = 3", "change 0 of operation 3");
    finds("UPDATE operation SET actor = replace(actor, 'ann', 'eve') WHERE seq = 2", "operation 2");
    finds("UPDATE operation SET at = at + 1 WHERE seq = 3", "operation 3");
    finds("UPDATE operation SET title = 'Nothing' WHERE seq = 1", "operation 1");
}

#[test]
fn a_missing_row_of_the_log_is_found() {
    finds("DELETE FROM operation WHERE seq = 2", "operation 2");
    finds("DELETE FROM change WHERE seq = 1 AND n = 2", "change 3 of operation 1");
    finds("DELETE FROM change WHERE seq = 3", "operation 3");
}

#[test]
fn a_truncated_log_shows_in_the_state_that_it_no_longer_explains() {
    finds("DELETE FROM change WHERE seq = 3", "tags/gold by person");
}

#[test]
fn a_state_that_the_log_does_not_explain_is_found() {
    finds("UPDATE claim SET value = '\"forged\"' WHERE field = 'description'", "description by");
    finds("DELETE FROM claim WHERE field = 'tags/gold'", "tags/gold by person");
    finds(
        "INSERT INTO claim SELECT entity, 'tags/extra', source, value, known, at FROM claim LIMIT 1",
        "tags/extra",
    );
    finds("DELETE FROM evidence", "evidence Declared by dbt:shop");
    finds("UPDATE name SET name = 'raw.other' WHERE name = 'raw.orders'", "raw.o");
    finds("UPDATE relation SET verdict = 'rejected'", "verdict");
}

#[test]
fn a_projection_that_fell_behind_is_found() {
    finds("UPDATE entity SET name = 'other' WHERE name = 'orders'", "lists show it as");
    finds("UPDATE relation SET state = 3", "relation row 1");
}
