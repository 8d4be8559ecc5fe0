//! Listening on this machine only, and taking each request through the gate.

mod bind;
mod serve;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use catena_model::time::Timestamp;
use tokio::{runtime::Runtime, sync::watch};

use crate::{
    body::Budget,
    commit::{Holder, Queue},
    gate::Door,
    limits::Limits,
    protocol::Protocol,
    stats::{Counts, Seen},
    token::Token,
};

pub use bind::{StartError, loopback_port};
use serve::Shared;

/// How long requests under way may take to end when a receiver is switched off.
const PATIENCE: Duration = Duration::from_secs(10);

/// The receivers of one open catalog: none until one is started.
pub struct House {
    holder: Arc<dyn Holder>,
    limits: Limits,
    budget: Budget,
    running: Mutex<BTreeMap<&'static str, Running>>,
    /// Gone once the house is closed.
    works: Mutex<Option<Works>>,
}

struct Works {
    runtime: Runtime,
    queue: Queue,
    committer: JoinHandle<()>,
}

struct Running {
    listening: Listening,
    counts: Counts,
    stop: watch::Sender<bool>,
    ended: mpsc::Receiver<()>,
    listeners: usize,
}

/// A receiver that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// Its protocol.
    pub protocol: &'static str,
    /// The port, on 127.0.0.1 and, where the machine has it, on ::1.
    pub port: u16,
}

impl Listening {
    /// The address to give to clients.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl House {
    /// A house for the catalog that `holder` holds.
    pub fn open(holder: Arc<dyn Holder>, limits: Limits) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("receive")
            .enable_io()
            .enable_time()
            .build()?;
        let (queue, committer) = Queue::open(Arc::clone(&holder), limits)?;
        Ok(Self {
            holder,
            limits,
            budget: Budget::new(limits.bytes_at_once),
            running: Mutex::default(),
            works: Mutex::new(Some(Works { runtime, queue, committer })),
        })
    }

    /// Switches a receiver on; port 0 takes any that is free. Once it returns, requests are taken.
    pub fn start(
        &self,
        protocol: Arc<dyn Protocol>,
        port: u16,
        token: &str,
        origins: Vec<String>,
    ) -> Result<Listening, StartError> {
        let name = protocol.name();
        let works = self.works();
        let Some(Works { runtime, queue, .. }) = works.as_ref() else { return Err(StartError::Closed) };
        let mut running = self.lock();
        if let Some(already) = running.get(name) {
            return Err(StartError::On { protocol: protocol.title(), port: already.listening.port });
        }
        let bound = bind::bind(port)?;
        let listening = Listening { protocol: name, port: bound.port };
        let counts = Counts::default();
        let shared = Arc::new(Shared::new(
            Door { port: bound.port, token: Token::of(token), origins },
            protocol,
            Arc::clone(&self.holder),
            queue.clone(),
            counts.clone(),
            self.limits,
            self.budget.clone(),
        ));
        let (stop, stopped) = watch::channel(false);
        let (end, ended) = mpsc::channel();
        let listeners = bound.listeners.len();
        let _inside = runtime.enter();
        for listener in bound.listeners {
            let listener = tokio::net::TcpListener::from_std(listener).map_err(StartError::Failed)?;
            let (shared, stopped, end) = (Arc::clone(&shared), stopped.clone(), end.clone());
            runtime.spawn(async move {
                serve::listen(listener, shared, stopped).await;
                let _ = end.send(());
            });
        }
        running.insert(name, Running { listening: listening.clone(), counts, stop, ended, listeners });
        Ok(listening)
    }

    /// Switches a receiver off once the requests under way have been answered; says whether it was on.
    pub fn stop(&self, protocol: &str) -> bool {
        let Some(running) = self.lock().remove(protocol) else { return false };
        running.end();
        true
    }

    /// The receivers that are on.
    pub fn listening(&self) -> Vec<Listening> {
        self.lock().values().map(|running| running.listening.clone()).collect()
    }

    /// What a receiver has seen since it was switched on, if it is on.
    pub fn seen(&self, protocol: &str, now: Timestamp) -> Option<Seen> {
        self.lock().get(protocol).map(|running| running.counts.seen(now))
    }

    /// Ends all receivers, and stores what they had taken. Returns when all of it is certain; none starts again.
    pub fn close(&self) {
        // First nobody brings anything any more, then what was brought is stored.
        let Some(Works { runtime, queue, committer }) = self.works().take() else { return };
        let running = std::mem::take(&mut *self.lock());
        for running in running.values() {
            let _ = running.stop.send(true);
        }
        for running in running.into_values() {
            running.end();
        }
        runtime.shutdown_timeout(Duration::from_secs(1));
        drop(queue);
        let _ = committer.join();
    }

    fn works(&self) -> MutexGuard<'_, Option<Works>> {
        self.works.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Running>> {
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Running {
    fn end(self) {
        let _ = self.stop.send(true);
        for _ in 0..self.listeners {
            if self.ended.recv_timeout(PATIENCE).is_err() {
                break;
            }
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.close();
    }
}
