//! A few requests under way at once.

use std::future::Future;

use tokio::task::JoinSet;

/// How many requests are under way at once: enough to keep a server busy, not enough to be in others' way.
const REQUESTS: usize = 4;

/// Does `work` on all items, a few at a time. What comes back is in the order in which it was done.
pub(super) async fn at_once<T, R, F>(items: Vec<T>, work: impl Fn(T) -> F) -> Vec<R>
where
    R: Send + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let mut done = Vec::with_capacity(items.len());
    let mut waiting = items.into_iter();
    let mut under_way = JoinSet::new();
    for item in waiting.by_ref().take(REQUESTS) {
        under_way.spawn(work(item));
    }
    while let Some(result) = under_way.join_next().await {
        match result {
            Ok(result) => done.push(result),
            // Nothing here is aborted, so this is a panic, which is not to be swallowed.
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
        if let Some(item) = waiting.next() {
            under_way.spawn(work(item));
        }
    }
    done
}
