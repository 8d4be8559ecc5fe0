//! How long work is given up half way.

/// The work was given up because its check said so; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled before it was finished")]
pub struct Cancelled;

/// Asked now and then by long work: `true` means give up.
pub type Check<'a> = &'a (dyn Fn() -> bool + Sync);

/// A [`Check`] that never gives up.
pub fn never() -> bool {
    false
}

/// Turns "give up" into an error, for `?`.
pub(crate) fn go_on(check: Check<'_>) -> Result<(), Cancelled> {
    if check() { Err(Cancelled) } else { Ok(()) }
}
