//! Remote systems, one folder each: what can be read from them and how.
