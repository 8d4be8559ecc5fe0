//! Two pieces of work, at the same time when that pays.

/// The results of both, `b` on a thread of its own if `share` says so. A panic in either is one here.
pub(super) fn both<A, B: Send>(share: bool, a: impl FnOnce() -> A, b: impl FnOnce() -> B + Send) -> (A, B) {
    if !share {
        return (a(), b());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(b);
        let mine = a();
        match other.join() {
            Ok(theirs) => (mine, theirs),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
