//! Doing what was typed.

use std::{collections::HashMap, io::Write, process::ExitCode, sync::Arc};

use catena_app::{
    App, AppError, answers,
    catalog::{self, PathArgs},
    chunks::{self, ChunksArgs},
    client::Nothing,
    edit,
    entity::{self, EntityArgs},
    error::Trouble,
    events::Unheard,
    exchange,
    history::{self, HistoryArgs, OnLater, UndoArgs},
    import::{self, ImportArgs, ImportKind},
    jobs::ImportReport,
    lineage::{Direction, EvidenceVerdictArgs, headless},
    lookup,
    search::{self, SearchArgs},
    session::Session,
};
use catena_model::{
    actor::Origin,
    kind,
    relation::{RelationKey, RelationKind, Verdict},
};
use catena_store::Catalog;
use clap::ValueEnum as _;
use serde::Serialize;
use serde_json::json;

use crate::{
    arguments::{Arguments, Command, Depth, Format, Kind, Later, Standard, Way, Word},
    cite, documents, human, machine,
    places::places,
};

pub(crate) type Done = Result<ExitCode, AppError>;

/// Runs one command against its catalog.
pub(crate) fn run(arguments: &Arguments, out: &mut (dyn Write + Send), err: &mut (dyn Write + Send)) -> Done {
    if let Command::ReadDocument { written_as } = &arguments.command {
        return documents::read(written_as, out);
    }
    let app = machine::events_app(places(None), Origin::CommandLine, Arc::new(Unheard));
    let path = arguments.catalog.clone().unwrap_or_else(|| app.places.default_catalog());
    if let Command::Restore { file } = &arguments.command {
        return restore(&app, &path, file, arguments.format, out);
    }
    let makes = match &arguments.command {
        Command::Import { .. } | Command::Serve(_) => true,
        Command::Connect(connect) => connect.makes(),
        _ => false,
    };
    if makes {
        make_folder(&path)?;
    }
    let catalog = if makes {
        Catalog::open_or_create(&path, app.environment.clone())?
    } else {
        Catalog::open(&path, app.environment.clone())?
    };
    app.enter(Some(Session::start(catalog)?));
    let mut answer = Answer { format: arguments.format, out };
    match &arguments.command {
        Command::Import { what, from, all } => {
            let (kind, from) = source(what, from.as_deref())?;
            import(&app, kind, from, *all, &mut answer, err)
        }
        Command::Connect(connect) => connect.run(&app, &mut answer, err),
        Command::Serve(serve) => serve.run(&app, answer.out),
        Command::Search { text, kind, tag, limit } => {
            let kinds = kind
                .iter()
                .map(|word| {
                    kind::Kind::from_word(word).ok_or_else(|| {
                        let words: Vec<_> = kind::Kind::ALL.iter().map(|kind| kind.word()).collect();
                        AppError::bad_request(format!("there is no kind \"{word}\": {}", words.join(", ")))
                    })
                })
                .collect::<Result<_, _>>()?;
            let args = SearchArgs {
                text: text.join(" "),
                kinds,
                tags: tag.clone(),
                limit: *limit,
                ..SearchArgs::default()
            };
            // What can't be taken in (a full disk) is searched as far as it goes; `complete` says so.
            let _ = search::catch_up(&*app.session()?);
            let asked = args.text.clone();
            answer.give(&search::search(&app, args)?, |reply, out| human::search(&asked, reply, out))
        }
        Command::Chunks { not_for_retrieval, of } => {
            let args = ChunksArgs { not_for_retrieval: *not_for_retrieval, of: of.clone(), limit: None };
            answer.give(&chunks::chunks(&app, args)?, documents::told)
        }
        Command::Runs(runs) => runs.run(&app, &mut answer),
        Command::Cite { output } => {
            answer.give(&answers::answer(&app, EntityArgs { id: output.clone() })?, cite::told)
        }
        Command::Show { entity } => {
            answer.give(&entity::entity(&app, EntityArgs { id: entity.clone() })?, human::entity)
        }
        Command::Lineage { entity, direction, depth: Depth(depth), columns } => {
            let direction = match direction {
                Way::Up => Direction::Up,
                Way::Down => Direction::Down,
                Way::Both => Direction::Both,
            };
            let session = app.session()?;
            let ix = lookup::entity(&session, entity)?.ix;
            let lineage = headless(&session.catalog, &session.graph, ix, direction, *depth, *columns)?;
            answer.give(&lineage, human::lineage)
        }
        Command::Judge { from, kind, to, word } => {
            let kind = RelationKind::from_word(kind).ok_or_else(|| {
                let words: Vec<&str> = RelationKind::ALL.iter().map(|kind| kind.word()).collect();
                AppError::bad_request(format!("\"{kind}\" is no relation: write one of {}", words.join(", ")))
            })?;
            let session = app.session()?;
            let relation = RelationKey {
                from: lookup::entity(&session, from)?.id,
                kind,
                to: lookup::entity(&session, to)?.id,
            };
            let verdict = match word {
                Word::Accept => Some(Verdict::Accepted),
                Word::Reject => Some(Verdict::Rejected),
                Word::Reopen => None,
            };
            answer.give(&edit::judge(&app, EvidenceVerdictArgs { relation, verdict })?, human::operated)
        }
        Command::Export { entity, standard, to } => {
            let standard = match standard {
                Standard::Croissant => exchange::Standard::Croissant,
                Standard::CycloneDx => exchange::Standard::CycloneDx,
                Standard::Odcs => exchange::Standard::Odcs,
            };
            let args = exchange::ExchangeArgs { id: entity.clone(), standard };
            let written = exchange::exchange(&app, args)?;
            match to {
                None => {
                    let failed =
                        |error| AppError::new(Trouble::Failed, format!("it could not be written: {error}"));
                    answer.out.write_all(written.text.as_bytes()).map_err(failed)?;
                    Ok(ExitCode::SUCCESS)
                }
                Some(path) => {
                    std::fs::write(path, &written.text).map_err(|error| {
                        AppError::new(Trouble::Failed, format!("{}: {error}", path.display()))
                    })?;
                    answer.give(&json!({ "exported": path }), |_, out| {
                        writeln!(out, "Wrote {}.", path.display())
                    })
                }
            }
        }
        Command::History { entity, limit } => {
            let session = app.session()?;
            let about = entity.as_ref().map(|text| lookup::entity(&session, text)).transpose()?;
            let id = about.map(|row| row.id.to_string());
            let operations = history::history(
                &app,
                HistoryArgs { id, limit: *limit, before: None, folded: false, import: None },
            )?;
            let names = names(&session, operations.iter().flat_map(|operation| &operation.changes))?;
            answer.give(&Operations { operations }, |operations, out| {
                human::history(&operations.operations, &names, out)
            })
        }
        Command::Revert { operation, later, dry_run } => {
            let session = app.session()?;
            let operation = lookup::operation(&session, operation)?;
            let later = match later {
                Later::Refuse => OnLater::Refuse,
                Later::Keep => OnLater::Keep,
                Later::Overwrite => OnLater::Overwrite,
            };
            let args = UndoArgs { operation, later, dry_run: false };
            if *dry_run {
                let plan = history::undo_plan(&app, args)?;
                let names = names(&session, plan.changes.iter().chain(&plan.collisions))?;
                return answer.give(&plan, |plan, out| human::plan(plan, &names, out));
            }
            answer.give(&history::undo(&app, args)?, human::operated)
        }
        Command::Check => {
            let reply = catalog::check(&app, Nothing {})?;
            answer.give(&reply, human::check)?;
            Ok(ExitCode::from(u8::from(!reply.holds)))
        }
        Command::Backup { file, force } => {
            if file.exists() && !force {
                return Err(AppError::new(
                    Trouble::Refused,
                    format!("{} is there already: choose another name, or add --force", file.display()),
                ));
            }
            let path = file.to_string_lossy().into_owned();
            catalog::backup(&app, PathArgs { path: path.clone() })?;
            answer.give(&json!({ "backup": path, "verified": true }), |_, out| {
                writeln!(out, "Backed up to {path}; the copy was verified.")
            })
        }
        Command::Restore { .. } | Command::ReadDocument { .. } => Ok(ExitCode::SUCCESS),
    }
}

/// What those entities are called that the changes name by their ids.
fn names<'c>(
    session: &Session,
    changes: impl Iterator<Item = &'c history::ChangeView>,
) -> Result<HashMap<String, String>, AppError> {
    let texts = changes
        .flat_map(|change| [change.before.as_str(), change.after.as_str(), Some(&*change.source)])
        .flatten();
    Ok(lookup::names_of(session, texts)?)
}

fn make_folder(path: &std::path::Path) -> Result<(), AppError> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder)
            .map_err(|error| AppError::new(Trouble::Failed, format!("{}: {error}", folder.display()))),
        None => Ok(()),
    }
}

#[derive(Serialize)]
struct Operations {
    operations: Vec<history::OperationView>,
}

pub(crate) struct Answer<'o> {
    format: Format,
    out: &'o mut (dyn Write + Send),
}

impl Answer<'_> {
    pub(crate) fn give<T: Serialize>(
        &mut self,
        value: &T,
        human: impl FnOnce(&T, &mut dyn Write) -> std::io::Result<()>,
    ) -> Done {
        let written = match self.format {
            Format::Json => serde_json::to_writer(&mut *self.out, value)
                .map_err(std::io::Error::from)
                .and_then(|()| writeln!(self.out)),
            Format::Text => human(value, self.out),
        };
        match written {
            // Whoever read the answer has seen enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            Err(error) => {
                Err(AppError::new(Trouble::Failed, format!("the answer could not be written: {error}")))
            }
            Ok(()) => Ok(ExitCode::SUCCESS),
        }
    }
}

/// Something in the input was rejected; the rest is stored.
const REJECTED: u8 = 3;

/// What to import, from where. Without a sort, it is a file.
fn source<'a>(what: &'a str, from: Option<&'a str>) -> Result<(Kind, &'a str), AppError> {
    let kind = Kind::from_str(what, true).ok();
    match (kind, from) {
        (Some(kind), Some(from)) => Ok((kind, from)),
        (None, None) => Ok((Kind::Files, what)),
        (Some(_), None) if std::path::Path::new(what).exists() => Ok((Kind::Files, what)),
        (Some(_), None) => {
            Err(AppError::bad_request(format!("from where? catena import {what} PATH, or an address")))
        }
        (None, Some(_)) => Err(AppError::bad_request(format!(
            "\"{what}\" is nothing that can be imported: openlineage, dbt, mlflow or files, or just a path"
        ))),
    }
}

fn import(
    app: &App,
    kind: Kind,
    from: &str,
    all: bool,
    answer: &mut Answer<'_>,
    err: &mut (dyn Write + Send),
) -> Done {
    let kind = match kind {
        Kind::OpenLineage => ImportKind::OpenLineage,
        Kind::Dbt => ImportKind::Dbt,
        Kind::Mlflow => ImportKind::Mlflow,
        Kind::Documents => ImportKind::Documents,
        Kind::Files => ImportKind::Files,
    };
    let args = ImportArgs { kind, from: from.to_owned(), all };
    let session = app.session()?;
    read_in(answer, err, |progress| import::run(app, &session, &args, &|| false, progress))
}

/// Reads a system while showing a person how far it is, then tells what came of it: all, or what it was until it stopped.
pub(crate) fn read_in(
    answer: &mut Answer<'_>,
    err: &mut (dyn Write + Send),
    read: impl FnOnce(&mut (dyn FnMut(import::Progress) + Send)) -> Result<ImportReport, Box<import::Stopped>>,
) -> Done {
    let show = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let mut shown = false;
    let result = read(&mut |progress: import::Progress| {
        if show {
            let total = progress.total.map(|total| format!(" of {total}")).unwrap_or_default();
            let _ = write!(err, "\r{}{total} {} \u{1b}[K", progress.done, progress.unit);
            let _ = err.flush();
            shown = true;
        }
    });
    if shown {
        let _ = write!(err, "\r\u{1b}[K");
    }
    match result {
        Ok(report) => {
            answer.give(&report, human::import)?;
            Ok(ExitCode::from(if report.rejected.is_empty() { 0 } else { REJECTED }))
        }
        Err(stopped) => {
            let import::Stopped { error, report } = *stopped;
            if report != ImportReport::default() {
                answer.give(&report, human::import)?;
            }
            Err(error)
        }
    }
}

fn restore(
    app: &App,
    path: &std::path::Path,
    file: &std::path::Path,
    format: Format,
    out: &mut (dyn Write + Send),
) -> Done {
    let mut answer = Answer { format, out };
    make_folder(path)?;
    let kept = if path.exists() {
        // Goes through the use case, so that a catalog in use is not pulled away under somebody.
        app.enter(Some(Session::start(Catalog::open(path, app.environment.clone())?)?));
        catalog::restore_over(app, PathArgs { path: file.to_string_lossy().into_owned() })?.1
    } else {
        catena_store::backup::restore(file, path)?
    };
    answer.give(&json!({ "restored": path, "kept_previous": kept.is_some() }), |_, out| {
        writeln!(out, "Restored {}.", path.display())?;
        match &kept {
            Some(kept) => writeln!(out, "What was there is kept as {}.", kept.display()),
            None => Ok(()),
        }
    })
}
