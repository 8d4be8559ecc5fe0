//! Values as they come: SQLite lets any column hold anything.

use rusqlite::{Row, types::ValueRef};

/// A text, or what a number looks like; `None` for NULL.
pub(super) fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    })
}

/// A text that is never missing.
pub(super) fn word(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(text(row, at)?.unwrap_or_default())
}

/// A whole number; `None` for NULL and for what is none.
pub(super) fn whole(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<i64>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => Some(number),
        // Saturates; a time beyond 2^53 is as good as the end of it.
        ValueRef::Real(number) if number.is_finite() => Some(number as i64),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok()),
        _ => None,
    })
}

/// A number; NaN where `is_nan` says so, since SQLite stores none.
pub(super) fn number(row: &Row<'_>, value: usize, is_nan: usize) -> rusqlite::Result<Option<f64>> {
    let marked = match row.get_ref(is_nan)? {
        ValueRef::Integer(flag) => flag != 0,
        ValueRef::Text(bytes) => matches!(bytes, b"1" | b"true"),
        _ => false,
    };
    if marked {
        return Ok(Some(f64::NAN));
    }
    Ok(match row.get_ref(value)? {
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok()),
        _ => None,
    })
}
