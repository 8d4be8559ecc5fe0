//! The layout of the file and how an older one is brought up to it.

use rusqlite::Connection;

use crate::{StoreResult, table};

/// `PRAGMA application_id` of every catalog: "Ctna".
pub const APPLICATION_ID: i32 = 0x4374_6e61;

/// The layout that this build reads and writes, as `PRAGMA user_version`. Counts up by one.
pub const VERSION: i32 = MIGRATIONS.len() as i32;

/// The step from each layout to the next; the first makes an empty file into a catalog.
const MIGRATIONS: &[&[&str]] = &[
    &[
        table::meta::CREATE,
        table::source::CREATE,
        table::entity::CREATE,
        table::name::CREATE,
        table::claim::CREATE,
        table::facet::CREATE,
        table::relation::CREATE,
        table::log::CREATE,
        table::series::CREATE,
        table::event::CREATE,
        table::view::CREATE,
        table::index_queue::CREATE,
    ],
    &[
        table::event::REMEMBER_OPERATION,
        table::log::BY_CAUSE,
        table::cursor::CREATE,
        table::dead_letter::CREATE,
    ],
    &[table::connection::CREATE],
    &[table::span::CREATE, table::facet::ITEMS],
    &[table::work::CREATE, table::rollup::CREATE],
    &[table::link_key::CREATE],
    &[table::document::CREATE],
    &[table::schema_sighting::CREATE],
];

/// The layout of the open file.
pub fn version(db: &Connection) -> StoreResult<i32> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the open file from its layout to [`VERSION`], all or nothing.
pub fn migrate(db: &mut Connection) -> StoreResult<()> {
    let from = usize::try_from(version(db)?).unwrap_or(0);
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    for step in MIGRATIONS.iter().skip(from) {
        for sql in *step {
            tx.execute_batch(sql)?;
        }
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}
