//! The catalog in one SQLite file: operation log, current state, observed facts, search index.
