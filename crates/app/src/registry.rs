//! Every use case, declared once.

use crate::{
    App, AppError, activity, answers, catalog, chunks, client, connections, edit, entity, exchange, export,
    history, import, jobs, lineage, receivers, runs, saved_view, search, traces,
    use_case::{
        Reply, Role,
        Topic::{Catalog, Connections, Entities, Everything, Jobs, Operations, Receivers, Relations, Views},
        UseCase,
    },
    versions,
};

macro_rules! reply {
    (json $value:expr) => {
        serde_json::to_string(&$value)
            .map(Reply::Json)
            .map_err(|error| AppError::new(crate::error::Trouble::Failed, error.to_string()))
    };
    (bytes $value:expr) => {
        Ok(Reply::Bytes($value))
    };
}

macro_rules! is_binary {
    (json) => {
        false
    };
    (bytes) => {
        true
    };
}

macro_rules! has_dry_run {
    () => {
        false
    };
    (dry_run) => {
        true
    };
}

macro_rules! use_cases {
    ($($name:ident: $function:path, $args:ty => $form:ident $reply:ty, $role:ident
       $(, provides [$($provides:ident),*])? $(, invalidates [$($invalidates:ident),*])? $(, with $dry_run:ident)?;)*) => {
        /// Every use case.
        pub static USE_CASES: &[UseCase] = &[$(UseCase {
            name: stringify!($name),
            provides: &[$($($provides),*)?],
            invalidates: &[$($($invalidates),*)?],
            role: Role::$role,
            dry_run: has_dry_run!($($dry_run)?),
            binary: is_binary!($form),
            run: |app: &App, args| {
                let args: $args = serde_json::from_value(args)
                    .map_err(|error| AppError::bad_request(format!("{}: {error}", stringify!($name))))?;
                reply!($form $function(app, args)?)
            },
            types: |types| client::signature::<$args, $reply>(types),
        }),*];
    };
}

use_cases! {
    catalog_info: catalog::info, client::Nothing => json catalog::CatalogInfo, Reader, provides [Catalog, Entities];
    catalog_open: catalog::open, catalog::PathArgs => json catalog::CatalogInfo, Admin, invalidates [Everything];
    catalog_create: catalog::create, catalog::PathArgs => json catalog::CatalogInfo, Admin, invalidates [Everything];
    sample_open: catalog::open_sample, client::Nothing => json catalog::CatalogInfo, Admin, invalidates [Everything];
    catalog_forget: catalog::forget, catalog::PathArgs => json client::Done, Admin, invalidates [Catalog];
    backup: catalog::backup, catalog::PathArgs => json client::Done, Reader;
    restore: catalog::restore, catalog::PathArgs => json catalog::CatalogInfo, Admin, invalidates [Everything];
    check: catalog::check, client::Nothing => json catalog::CheckReply, Reader;

    search: search::search, search::SearchArgs => json search::SearchReply, Reader, provides [Entities, Relations];
    saved_views: saved_view::all, client::Nothing => json Vec<saved_view::SavedView>, Reader, provides [Views];
    saved_view_put: saved_view::put, saved_view::SavedView => json client::Done, Contributor, invalidates [Views];
    saved_view_delete: saved_view::delete, saved_view::SavedViewName => json client::Done, Contributor,
        invalidates [Views];

    entity: entity::entity, entity::EntityArgs => json entity::EntityView, Reader,
        provides [Entities, Relations, Operations];
    entity_peek: entity::peek, entity::EntityArgs => json entity::EntityPeek, Reader,
        provides [Entities, Relations];
    activity: activity::activity, activity::ActivityArgs => json activity::ActivityView, Reader, provides [Entities];
    chunks: chunks::chunks, chunks::ChunksArgs => json chunks::Chunks, Reader, provides [Entities, Relations];
    passages: chunks::passages, entity::EntityArgs => json chunks::Passages, Reader,
        provides [Entities, Relations];
    parts: entity::parts, entity::PartsArgs => json entity::Parts, Reader, provides [Entities];
    history: history::history, history::HistoryArgs => json Vec<history::OperationView>, Reader,
        provides [Operations];

    edit: edit::edit, edit::EditArgs => json edit::Operated, Contributor,
        invalidates [Entities, Operations, Catalog], with dry_run;
    merge: edit::merge, edit::MergeArgs => json edit::Operated, Steward,
        invalidates [Entities, Relations, Operations, Catalog];
    split: edit::split, edit::SplitArgs => json edit::Operated, Steward,
        invalidates [Entities, Relations, Operations, Catalog];
    undo: history::undo, history::UndoArgs => json edit::Operated, Contributor,
        invalidates [Entities, Relations, Operations, Catalog], with dry_run;
    undo_plan: history::undo_plan, history::UndoArgs => json history::UndoPlan, Reader, provides [Operations];
    redo: history::redo, client::Nothing => json edit::Operated, Contributor,
        invalidates [Entities, Relations, Operations, Catalog];

    import_start: import::start, import::ImportArgs => json jobs::JobStarted, Steward, invalidates [Jobs];
    jobs: jobs::all, client::Nothing => json Vec<jobs::Job>, Reader, provides [Jobs];
    job_cancel: jobs::cancel, jobs::JobArgs => json client::Done, Steward, invalidates [Jobs];
    job_dismiss: jobs::dismiss, jobs::JobArgs => json client::Done, Reader, invalidates [Jobs];

    lineage_view: lineage::view, lineage::LineageArgs => bytes Vec<u8>, Reader,
        provides [Relations, Entities];
    lineage_table: lineage::table, lineage::LineageArgs => json lineage::LineageTable, Reader,
        provides [Relations, Entities];
    lineage_edge: lineage::edge, lineage::LineageEdgeArgs => json lineage::LineageEdge, Reader,
        provides [Relations];
    lineage_group: lineage::group, lineage::LineageGroupArgs => json lineage::LineageGroup, Reader,
        provides [Relations, Entities];
    evidence_verdict: edit::judge, lineage::EvidenceVerdictArgs => json edit::Operated, Steward,
        invalidates [Relations, Operations];

    answer: answers::answer, entity::EntityArgs => json answers::AnswerView, Reader, provides [Entities, Relations];
    answers_moved: answers::moved, client::Nothing => json answers::MovedAnswers, Reader,
        provides [Entities, Relations];

    versions: versions::versions, entity::EntityArgs => json versions::VersionsView, Reader,
        provides [Entities, Relations];
    versions_compare: versions::compare, versions::VersionsCompareArgs => json versions::VersionsCompared, Reader,
        provides [Entities, Relations];
    alias_plan: versions::plan, versions::AliasArgs => json versions::AliasPlan, Reader,
        provides [Entities, Relations];
    alias_move: versions::move_alias, versions::AliasArgs => json edit::Operated, Contributor,
        invalidates [Entities, Operations, Catalog];

    trace: traces::trace, entity::EntityArgs => json traces::TraceView, Reader, provides [Entities];
    trace_span: traces::span, traces::SpanArgs => json traces::SpanView, Reader, provides [Entities];
    trace_find: traces::find, traces::TraceSearchArgs => json traces::TraceFound, Reader, provides [Entities];

    runs: runs::runs, runs::RunsArgs => json runs::RunsReply, Reader, provides [Entities, Relations];
    runs_compare: runs::compare, runs::CompareArgs => json runs::CompareReply, Reader, provides [Entities, Relations];
    run_series: runs::series, runs::RunSeriesArgs => bytes Vec<u8>, Reader, provides [Entities];

    receivers: receivers::list, client::Nothing => json receivers::ReceiversView, Reader, provides [Receivers];
    receiver_start: receivers::start, receivers::ReceiverStartArgs => json receivers::ReceiverStarted, Admin,
        invalidates [Receivers];
    receiver_stop: receivers::stop, receivers::ReceiverArgs => json client::Done, Admin, invalidates [Receivers];
    receiver_token: receivers::token, client::Nothing => json receivers::ReceiverToken, Admin, provides [Receivers];
    receiver_token_renew: receivers::renew_token, client::Nothing => json receivers::ReceiverToken, Admin,
        invalidates [Receivers];
    dead_letters: receivers::dead_letters, receivers::DeadLettersArgs => json receivers::DeadLetters, Steward,
        provides [Receivers];
    dead_letter_replay: receivers::replay, receivers::DeadLetterArgs => json receivers::Replayed, Steward,
        invalidates [Receivers, Entities, Relations, Operations, Catalog];
    dead_letter_discard: receivers::discard, receivers::DeadLetterArgs => json client::Done, Steward,
        invalidates [Receivers];

    connection_kinds: connections::kinds, client::Nothing => json Vec<connections::ConnectionKind>, Reader,
        provides [Connections];
    connections: connections::list, client::Nothing => json Vec<connections::ConnectionView>, Reader,
        provides [Connections];
    connection_add: connections::add, connections::ConnectionAddArgs => json connections::ConnectionView, Admin,
        invalidates [Connections, Entities, Operations, Catalog];
    connection_test: connections::test, connections::ConnectionTestArgs => json connections::ConnectionTested, Admin;
    connection_pull: connections::pull, connections::ConnectionPullArgs => json jobs::JobStarted, Steward,
        invalidates [Connections, Jobs];
    connection_schedule: connections::set_schedule, connections::ConnectionScheduleArgs => json client::Done, Steward,
        invalidates [Connections];
    connection_remove: connections::remove, connections::ConnectionArgs => json client::Done, Admin,
        invalidates [Connections, Entities, Operations, Catalog];

    entity_export: exchange::exchange, exchange::ExchangeArgs => json exchange::Exchange, Reader,
        provides [Entities, Relations];
    file_save: export::save, export::FileSaveArgs => json client::Done, Reader;
}

/// The use case of this name.
pub fn find(name: &str) -> Option<&'static UseCase> {
    USE_CASES.iter().find(|use_case| use_case.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_case_reads_or_changes_and_names_are_used_once() {
        for use_case in USE_CASES {
            assert_eq!(USE_CASES.iter().filter(|other| other.name == use_case.name).count(), 1);
            assert!(use_case.provides.is_empty() || use_case.invalidates.is_empty(), "{}", use_case.name);
        }
    }

    #[test]
    fn what_changes_the_catalog_needs_more_than_a_reader() {
        for use_case in USE_CASES.iter().filter(|use_case| {
            use_case
                .invalidates
                .iter()
                .any(|topic| [Entities, Relations, Operations, Everything, Views].contains(topic))
        }) {
            assert!(use_case.role > Role::Reader, "{}", use_case.name);
        }
    }
}
