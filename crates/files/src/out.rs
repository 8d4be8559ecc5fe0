//! Out again: an entity as the standards that are for exchange write it.
