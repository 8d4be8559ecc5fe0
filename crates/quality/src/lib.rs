//! How good what the catalog knows of is. Pure: no clock, no randomness, no I/O.

pub mod compat;
