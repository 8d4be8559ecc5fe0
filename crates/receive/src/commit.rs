//! Group commit: requests hand over what they brought, one thread stores what waits in one transaction, and only then
//! is each of them told.
//!
//! A transaction costs the disk's own time however much is in it, so a thousand requests that share one are
//! acknowledged as soon as one would be. What one request brought can spoil nothing for another: what can't be taken is
//! set aside by itself, and when a whole transaction fails for a reason that lies in a record, each part is tried alone.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use bytes::Bytes;
use catena_model::{
    actor::{Act, Actor, Origin},
    id::CauseId,
    statement::{Read, Rejection},
    time::Timestamp,
};
use catena_store::{
    Catalog, StoreError, Writer,
    apply::Tally,
    table::dead_letter::{self, NewLetter},
};
use tokio::sync::oneshot;

use crate::{limits::Limits, protocol::Protocol, refusal::Refusal, sitting::Sittings, stats::Counts};

/// A record or why there is none, with the bytes that it came from.
#[derive(Debug, Clone)]
pub struct Piece {
    /// What was read.
    pub read: Read,
    /// The bytes that are kept if it can't be taken. Pieces of one body may share them.
    pub raw: Bytes,
    /// What [`Protocol::reread`] needs to know to read those bytes again.
    pub form: &'static str,
}

/// What became of the pieces of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// How many were stored, or had been before.
    pub accepted: usize,
    /// Those that weren't.
    pub rejected: Vec<Rejected>,
}

/// A piece that could not be taken. It is in the dead-letter list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which piece, counted from 0.
    pub piece: usize,
    /// Where it stood and why.
    pub rejection: Rejection,
    /// It could be read, and contradicts what is stored.
    pub conflict: bool,
}

/// Who holds the catalog, as the receivers see it.
pub trait Holder: Send + Sync + 'static {
    /// The catalog.
    fn catalog(&self) -> &Catalog;
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Something was stored (`changed`: it changed the catalog), or a letter set aside. Must not block.
    fn stored(&self, changed: bool);
}

/// The most pieces that are stored in one transaction: more would let the first of them wait for the last.
const MOST_AT_ONCE: usize = 2_000;

/// How many requests may wait.
const MOST_REQUESTS: usize = 4_096;

/// Where requests hand over what they brought.
#[derive(Clone)]
pub struct Queue {
    sender: mpsc::SyncSender<Waiting>,
    waiting: Arc<AtomicUsize>,
    most: usize,
}

struct Waiting {
    protocol: Arc<dyn Protocol>,
    counts: Counts,
    pieces: Vec<Piece>,
    reply: oneshot::Sender<Result<Receipt, Refusal>>,
}

impl Queue {
    /// A queue, and the thread that stores what comes through it until every clone of the queue is dropped.
    pub fn open(holder: Arc<dyn Holder>, limits: Limits) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::sync_channel(MOST_REQUESTS);
        let waiting = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&waiting);
        let thread = std::thread::Builder::new().name("commit".to_owned()).spawn(move || {
            let mut sittings = Sittings::default();
            while let Some(group) = next_group(&receiver) {
                let pieces = group.iter().map(|waiting| waiting.pieces.len()).sum();
                store_group(&*holder, group, &limits, &mut sittings);
                counted.fetch_sub(pieces, Ordering::Relaxed);
            }
        })?;
        Ok((Self { sender, waiting, most: limits.waiting }, thread))
    }

    /// Stores pieces and says what became of each, once that is certain.
    pub async fn keep(
        &self,
        protocol: Arc<dyn Protocol>,
        counts: Counts,
        pieces: Vec<Piece>,
    ) -> Result<Receipt, Refusal> {
        let count = pieces.len();
        if count == 0 {
            return Ok(Receipt::default());
        }
        let before = self.waiting.fetch_add(count, Ordering::Relaxed);
        let give_back = || self.waiting.fetch_sub(count, Ordering::Relaxed);
        // One request alone is always taken, however much it brings: its body was within limits.
        if before > 0 && before.saturating_add(count) > self.most {
            give_back();
            return Err(Refusal::Busy);
        }
        let (reply, told) = oneshot::channel();
        if self.sender.try_send(Waiting { protocol, counts, pieces, reply }).is_err() {
            give_back();
            return Err(Refusal::Busy);
        }
        told.await.unwrap_or_else(|_| Err(Refusal::Unavailable("the receiver was stopped".to_owned())))
    }
}

/// Waits for a request, and takes along what waits behind it.
fn next_group(receiver: &mpsc::Receiver<Waiting>) -> Option<Vec<Waiting>> {
    let first = receiver.recv().ok()?;
    let mut pieces = first.pieces.len();
    let mut group = vec![first];
    while pieces < MOST_AT_ONCE
        && let Ok(next) = receiver.try_recv()
    {
        pieces += next.pieces.len();
        group.push(next);
    }
    Some(group)
}

fn act(cause: Option<CauseId>) -> Act {
    Act { actor: Actor::Catena, origin: Origin::Receiver, cause }
}

/// Where a piece stands: which request, which of its pieces.
type Slot = (usize, usize);

fn store_group(holder: &dyn Holder, mut group: Vec<Waiting>, limits: &Limits, sittings: &mut Sittings) {
    let mut titles: Vec<_> = group.iter().map(|waiting| waiting.protocol.title()).collect();
    titles.sort_unstable();
    titles.dedup();
    let title = format!("Receive from {}", titles.join(" and "));
    // Without a writer nothing will be stored, and each request is told so below.
    let cause = holder.catalog().writer().ok().map(|writer| sittings.at(holder.now(), || writer.new_cause()));
    let act = act(cause);
    let mut rejected: Vec<(Slot, Rejection, bool)> = Vec::new();
    let mut slots: Vec<Slot> = Vec::new();
    let mut reads: Vec<Read> = Vec::new();
    for (request, waiting) in group.iter_mut().enumerate() {
        for (piece, held) in waiting.pieces.iter_mut().enumerate() {
            match std::mem::replace(&mut held.read, Err(taken())) {
                Ok(record) => {
                    slots.push((request, piece));
                    reads.push(Ok(record));
                }
                Err(rejection) => rejected.push(((request, piece), rejection, false)),
            }
        }
    }
    let mut changed = false;
    let stored = match apply(holder.catalog(), &act, &title, reads) {
        Ok(done) => {
            changed = done.changed;
            rejected.extend(done.rejected.into_iter().map(|(read, why)| (slots[read], why, true)));
            Ok(())
        }
        Err(Failure::Passing(why)) => Err(why),
        Err(Failure::Lasting(_)) => {
            one_by_one(holder.catalog(), &act, &title, &group, &slots, limits).map(|alone| {
                changed = true;
                rejected.extend(alone);
            })
        }
    };
    let result = stored.and_then(|()| set_aside(holder, &group, &rejected));
    let now = holder.now();
    let mut receipts: Vec<Receipt> = group.iter().map(|_| Receipt::default()).collect();
    for ((request, piece), rejection, conflict) in rejected {
        receipts[request].rejected.push(Rejected { piece, rejection, conflict });
    }
    let mut replies = Vec::with_capacity(group.len());
    for (waiting, mut receipt) in group.into_iter().zip(receipts) {
        let Waiting { counts, pieces, reply, .. } = waiting;
        replies.push((
            reply,
            match &result {
                Ok(()) => {
                    receipt.rejected.sort_by_key(|rejected| rejected.piece);
                    receipt.accepted = pieces.len() - receipt.rejected.len();
                    counts.accepted(receipt.accepted, now);
                    for rejected in &receipt.rejected {
                        let Rejection { place, why } = &rejected.rejection;
                        counts.rejected(&format!("{place}: {why}"), now);
                    }
                    Ok(receipt)
                }
                Err(why) => Err(Refusal::Unavailable(why.clone())),
            },
        ));
    }
    for (reply, result) in replies {
        // Who no longer listens finds it in the catalog.
        let _ = reply.send(result);
    }
    if result.is_ok() {
        holder.stored(changed);
    }
}

fn taken() -> Rejection {
    Rejection { place: String::new(), why: String::new() }
}

/// Puts what was rejected into the dead-letter list.
fn set_aside(
    holder: &dyn Holder,
    group: &[Waiting],
    rejected: &[(Slot, Rejection, bool)],
) -> Result<(), String> {
    if rejected.is_empty() {
        return Ok(());
    }
    let now = holder.now();
    let put = |db: &_| {
        for ((request, piece), rejection, _) in rejected {
            let waiting = &group[*request];
            let Piece { raw, form, .. } = &waiting.pieces[*piece];
            let letter = NewLetter {
                protocol: waiting.protocol.name(),
                form,
                place: &rejection.place,
                reason: &rejection.why,
                body: raw,
            };
            dead_letter::put(db, &letter, now)?;
        }
        dead_letter::bound(db)
    };
    holder.catalog().writer().and_then(|mut writer| writer.unlogged(put)).map_err(|error| error.to_string())
}

/// What one transaction did.
struct Applied {
    changed: bool,
    /// Which of the records were rejected.
    rejected: Vec<(usize, Rejection)>,
}

/// Why a transaction did nothing.
enum Failure {
    /// Whatever was in it: it may go better in a moment.
    Passing(String),
    /// Something in it: it would fail again.
    Lasting(String),
}

/// Stands between a record's number and its place while it is applied, so that a rejection says of which it is.
const MARK: char = '\u{1f}';

fn apply(catalog: &Catalog, act: &Act, title: &str, mut reads: Vec<Read>) -> Result<Applied, Failure> {
    if reads.is_empty() {
        return Ok(Applied { changed: false, rejected: Vec::new() });
    }
    for (number, read) in reads.iter_mut().enumerate() {
        if let Ok(record) = read {
            record.at = format!("{number}{MARK}{}", record.at);
        }
    }
    let mut tally = Tally::default();
    let mut writer = catalog.writer().map_err(failure)?;
    let applying = |writer: &mut Writer| writer.apply(act, title, reads, &mut tally);
    // A panic rolls the transaction back as it unwinds; without this, it would end the thread, and all receiving.
    let operation = catch_unwind(AssertUnwindSafe(|| applying(&mut writer)))
        .map_err(|_| {
            Failure::Lasting("storing it failed for a fault of Catena's own; please report it".to_owned())
        })?
        .map_err(failure)?;
    drop(writer);
    let rejected = tally.rejected.into_iter().filter_map(|Rejection { place, why }| {
        let (number, place) = place.split_once(MARK)?;
        Some((number.parse().ok()?, Rejection { place: place.to_owned(), why }))
    });
    Ok(Applied { changed: operation.is_some(), rejected: rejected.collect() })
}

fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::DiskFull | StoreError::Busy | StoreError::ReadOnly(_) | StoreError::File { .. } => {
            Failure::Passing(error.to_string())
        }
        _ => Failure::Lasting(error.to_string()),
    }
}

/// Stores each part of a failed group by itself, so that only the part at fault is rejected. The records are gone with
/// the transaction: they are read again from the bytes that they came from.
fn one_by_one(
    catalog: &Catalog,
    act: &Act,
    title: &str,
    group: &[Waiting],
    slots: &[Slot],
    limits: &Limits,
) -> Result<Vec<(Slot, Rejection, bool)>, String> {
    let mut rejected = Vec::new();
    for part in parts(group, slots) {
        let slots = &slots[part];
        let Some(&(request, first)) = slots.first() else { continue };
        let Piece { raw, form, .. } = &group[request].pieces[first];
        let records: Vec<_> = group[request]
            .protocol
            .reread(form, raw, limits)
            .into_iter()
            .filter(|piece| piece.read.is_ok())
            .collect();
        let alike = records.len() == slots.len();
        for (number, record) in records.into_iter().enumerate() {
            let place = record.read.as_ref().map(|record| record.at.clone()).unwrap_or_default();
            let why = match apply(catalog, act, title, vec![record.read]) {
                Ok(done) => done.rejected.into_iter().next().map(|(_, rejection)| (rejection, true)),
                Err(Failure::Passing(why)) => return Err(why),
                Err(Failure::Lasting(why)) => Some((Rejection { place, why }, false)),
            };
            if let Some((rejection, conflict)) = why {
                // Pieces that can't be told apart share their fate in the answer; what was stored of them stays.
                let of = if alike { &slots[number..=number] } else { slots };
                rejected.extend(of.iter().map(|&slot| (slot, rejection.clone(), conflict)));
                if !alike {
                    break;
                }
            }
        }
    }
    Ok(rejected)
}

/// Runs of slots that came from the same bytes of the same request.
fn parts(group: &[Waiting], slots: &[Slot]) -> Vec<Range<usize>> {
    let same = |one: Slot, other: Slot| {
        let raw = |(request, piece): Slot| &group[request].pieces[piece].raw;
        one.0 == other.0
            && raw(one).as_ptr() == raw(other).as_ptr()
            && raw(one).len() == raw(other).len()
            && group[one.0].pieces[one.1].form == group[other.0].pieces[other.1].form
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for end in 1..=slots.len() {
        if end == slots.len() || !same(slots[start], slots[end]) {
            parts.push(start..end);
            start = end;
        }
    }
    parts
}

/// Reads a dead letter again and stores it; `Some` says why it still can't be taken, `None` that it was.
pub fn replay(
    holder: &dyn Holder,
    protocol: &dyn Protocol,
    letter: &dead_letter::Letter,
    limits: &Limits,
) -> Result<Option<Rejection>, StoreError> {
    let pieces = protocol.reread(&letter.form, &Bytes::from(letter.body.clone()), limits);
    let mut rejected = pieces.iter().find_map(|piece| piece.read.clone().err());
    let reads: Vec<_> = pieces.into_iter().map(|piece| piece.read).filter(Result::is_ok).collect();
    let title = format!("Receive again from {}", protocol.title());
    let done = match apply(holder.catalog(), &act(None), &title, reads) {
        Ok(done) => done,
        Err(Failure::Passing(why) | Failure::Lasting(why)) => return Err(StoreError::Refused(why)),
    };
    rejected = rejected.or_else(|| done.rejected.into_iter().next().map(|(_, rejection)| rejection));
    let id = letter.id;
    holder.catalog().writer()?.unlogged(|db| match &rejected {
        None => dead_letter::delete(db, id).map(|_| ()),
        Some(Rejection { place, why }) => dead_letter::explain(db, id, place, why),
    })?;
    holder.stored(done.changed);
    Ok(rejected)
}
