use std::sync::Arc;

use catena_model::{
    actor::{Act, Actor, Origin},
    evidence::Method,
    name::QualifiedName,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
};
use catena_store::apply::Tally;
use serde_json::json;

use super::*;
use crate::{
    catalog::{self, PathArgs},
    environment,
    events::Unheard,
    history::{self, OnLater, UndoArgs},
    places::Places,
    session::Caller,
    use_case::Role,
};

fn named(kind: Kind, name: &str) -> Thing {
    Thing::new(kind, QualifiedName::new("mlflow://tracker", name).unwrap())
}

fn prompt_version(number: &str, text: &str, aliases: &[&str]) -> Vec<Statement> {
    let thing = named(Kind::PromptVersion, &format!("prompts/support/{number}"));
    let at = Timestamp::from_micros(1_760_000_000_000_000);
    vec![
        Statement::PartOf { thing: thing.clone(), whole: named(Kind::Prompt, "prompts/support"), at },
        Statement::Claim {
            thing: thing.clone(),
            field: Field::Single(Single::Version),
            value: Some(json!(number)),
            at,
        },
        Statement::Claim {
            thing: thing.clone(),
            field: Field::Group(Group::Aliases),
            value: Some(json!(aliases)),
            at,
        },
        Statement::Facet {
            thing,
            about: None,
            name: "prompt".to_owned(),
            body: json!({"type": "text", "template": text}),
            at,
        },
    ]
}

struct World {
    app: App,
    _folder: tempfile::TempDir,
}

/// A prompt of ten versions; two answers use the second, which is the one in production.
fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let act = Act { actor: Actor::Person { name: "ada".to_owned() }, origin: Origin::Window, cause: None };
    let places = Places { data: folder.path().join("data"), sample: None };
    let app = App::new(environment::real(), places, Caller { act, role: Role::Admin }, Arc::new(Unheard));
    let path = folder.path().join("prompts.catena").to_string_lossy().into_owned();
    catalog::create(&app, PathArgs { path }).unwrap();
    let mut statements = Vec::new();
    for number in 1..=10 {
        let aliases: &[&str] = if number == 2 { &["production"] } else { &[] };
        statements.extend(prompt_version(
            &number.to_string(),
            &format!("Answer {{{{question}}}} in {number} words."),
            aliases,
        ));
    }
    for answer in ["a", "b"] {
        statements.push(Statement::Related {
            from: named(Kind::Output, answer),
            kind: RelationKind::UsesPrompt,
            to: named(Kind::PromptVersion, "prompts/support/2"),
            method: Method::Reported,
            confidence: 100,
            detail: None,
            at: Timestamp::from_micros(1_760_000_000_000_000),
        });
    }
    let record = Record {
        at: "tracker".to_owned(),
        source: Source::system("mlflow", "tracker"),
        known: Known::Declared,
        event: None,
        statements,
    };
    let session = app.session().unwrap();
    let importing = Act { actor: Actor::Catena, origin: Origin::Import, cause: None };
    let mut tally = Tally::default();
    session.catalog.writer().unwrap().apply(&importing, "import", [Ok(record)], &mut tally).unwrap();
    assert_eq!(tally.rejected, []);
    World { app, _folder: folder }
}

impl World {
    fn line(&self) -> VersionsView {
        versions(&self.app, EntityArgs { id: "prompts/support".to_owned() }).unwrap()
    }

    /// The numbers of the versions that the alias points at.
    fn pointed_at(&self, alias: &str) -> Vec<String> {
        let line = self.line();
        let held = line.versions.into_iter().filter(|row| row.aliases.iter().any(|one| one == alias));
        held.filter_map(|row| row.number).collect()
    }
}

#[test]
fn versions_stand_in_the_order_of_their_numbers_with_what_uses_them() {
    let line = world().line();
    let numbers: Vec<&str> = line.versions.iter().filter_map(|row| row.number.as_deref()).collect();
    assert_eq!(numbers, ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]);
    let second = &line.versions[8];
    assert_eq!(second.aliases, ["production"]);
    assert_eq!(second.text.as_deref(), Some("Answer {{question}} in 2 words."));
    assert_eq!((second.uses.len(), second.uses[0].kind, second.uses[0].count), (1, Kind::Output, 2));
}

#[test]
fn going_back_to_a_version_is_one_operation_that_says_first_what_it_touches() {
    let world = world();
    let first = world.line().versions[9].version.clone();
    let args = || AliasArgs { alias: "production".to_owned(), to: first.id };
    let planned = plan(&world.app, args()).unwrap();
    assert_eq!((planned.from.len(), planned.to.id), (1, first.id));
    assert_eq!(
        planned.touches.iter().map(|uses| (uses.kind, uses.count)).collect::<Vec<_>>(),
        [(Kind::Output, 2)]
    );
    let operated = move_alias(&world.app, args()).unwrap();
    assert!(operated.title.starts_with("Point production of"), "{}", operated.title);
    assert_eq!(world.pointed_at("production"), ["1"]);
    let undo = UndoArgs { operation: operated.operation.unwrap(), later: OnLater::Refuse, dry_run: false };
    history::undo(&world.app, undo).unwrap();
    assert_eq!(world.pointed_at("production"), ["2"]);
    assert!(catalog::check(&world.app, crate::client::Nothing {}).unwrap().holds);
}

#[test]
fn versions_are_compared_by_what_they_say() {
    let world = world();
    let ids: Vec<String> = world.line().versions[8..].iter().map(|row| row.version.id.to_string()).collect();
    let compared = compare(&world.app, VersionsCompareArgs { versions: ids }).unwrap();
    let text = compared.rows.iter().find(|row| row.section == VersionSection::Text).unwrap();
    assert!(text.differs);
    assert_eq!(text.values[1], json!("Answer {{question}} in 1 words."));
    assert!(compare(&world.app, VersionsCompareArgs { versions: vec![] }).is_err());
}

#[test]
fn what_has_no_versions_says_so() {
    let world = world();
    let error = versions(&world.app, EntityArgs { id: "a".to_owned() }).unwrap_err();
    assert!(error.message.contains("only models and prompts have versions"), "{}", error.message);
    let blank = AliasArgs { alias: " ".to_owned(), to: world.line().versions[0].version.id };
    assert!(move_alias(&world.app, blank).is_err());
}
