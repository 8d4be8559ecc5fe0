//! Waiting for what will be, never for a time.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Generous: a machine may be busy with other things, and only a failure waits this long.
const DEADLINE: Duration = Duration::from_secs(45);
const BETWEEN: Duration = Duration::from_millis(40);

/// Asks until there is an answer; the error says what was asked last.
pub async fn until<T, F, Fut>(what: &str, mut ask: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, String>>,
{
    let started = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(now) if started.elapsed() > DEADLINE => panic!("{what}: not within {DEADLINE:?}; now: {now}"),
            Err(_) => tokio::time::sleep(BETWEEN).await,
        }
    }
}
