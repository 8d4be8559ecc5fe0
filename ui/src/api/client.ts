// Generated from the use cases in crates/app/src/registry.rs by `cargo xtask client`. Do not edit.
import { invoke } from "@tauri-apps/api/core";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Asks for the activity of an entity.
 */
export type ActivityArgs = { 
/**
 * Its id, or a name that only it has.
 */
id: string, 
/**
 * Which time.
 */
period: Period, };

/**
 * Who called it, or what it called.
 */
export type ActivityPair = { 
/**
 * Who or what.
 */
who: Named, 
/**
 * How often.
 */
calls: number, 
/**
 * How often it went wrong.
 */
errors: number, };

/**
 * What was counted in one step of time.
 */
export type ActivityPoint = { 
/**
 * When the step began.
 */
at: Timestamp, 
/**
 * Scores that were given in it.
 */
scores: Array<ScoreCounted>, 
/**
 * How often it was called or ran.
 */
calls: number, 
/**
 * How many of the calls went wrong.
 */
errors: number, 
/**
 * How often it was read.
 */
reads: number, 
/**
 * Tokens read.
 */
input_tokens: number, 
/**
 * Tokens written.
 */
output_tokens: number, 
/**
 * Cost in US dollars.
 */
cost: number, 
/**
 * Half of the calls took at most so many milliseconds.
 */
p50_ms: number | null, 
/**
 * 95 of 100 calls took at most so many milliseconds.
 */
p95_ms: number | null, };

/**
 * All that was ever counted of an entity, in short.
 */
export type ActivitySummary = { 
/**
 * When anything was counted first, to the hour.
 */
first: Timestamp, 
/**
 * When anything was counted last, to the hour.
 */
last: Timestamp, 
/**
 * Its scores.
 */
scores: Array<ScoreCounted>, 
/**
 * How often it was called or ran.
 */
calls: number, 
/**
 * How many of the calls went wrong.
 */
errors: number, 
/**
 * How often it was read.
 */
reads: number, 
/**
 * Tokens read.
 */
input_tokens: number, 
/**
 * Tokens written.
 */
output_tokens: number, 
/**
 * Cost in US dollars.
 */
cost: number, 
/**
 * Half of the calls took at most so many milliseconds.
 */
p50_ms: number | null, 
/**
 * 95 of 100 calls took at most so many milliseconds.
 */
p95_ms: number | null, };

/**
 * The activity of an entity over a time.
 */
export type ActivityView = { 
/**
 * When the time began: the beginning of its first step.
 */
from: Timestamp, 
/**
 * When it ends: the end of its last step.
 */
until: Timestamp, 
/**
 * How many milliseconds a step is long.
 */
step_ms: number, 
/**
 * All of it.
 */
total: Counted, 
/**
 * All scores.
 */
scores: Array<ScoreCounted>, 
/**
 * The steps in which anything happened, in order.
 */
points: Array<ActivityPoint>, 
/**
 * Who called it most.
 */
callers: Array<ActivityPair>, 
/**
 * How many called it.
 */
callers_total: number, 
/**
 * What it called most.
 */
called: Array<ActivityPair>, 
/**
 * How many it called.
 */
called_total: number, 
/**
 * When anything was ever counted last, to the hour.
 */
last: Timestamp | null, };

/**
 * A movable name and the version that it shall point at.
 */
export type AliasArgs = { 
/**
 * The name: `champion`.
 */
alias: string, 
/**
 * The version; the alias is taken from the others of its model or prompt.
 */
to: EntityId, };

/**
 * What moving a name would do.
 */
export type AliasPlan = { 
/**
 * The versions that the name points at now.
 */
from: Array<Named>, 
/**
 * The version that it would point at.
 */
to: Named, 
/**
 * What uses the versions that it is taken from, and the model or prompt itself: it may get the other version.
 */
touches: Array<Uses>, };

/**
 * How an answer came to be.
 */
export type AnswerContext = { 
/**
 * The request that it is a part of.
 */
trace: Named | null, 
/**
 * The model that gave it.
 */
models: Array<Named>, 
/**
 * The prompts that it was asked with.
 */
prompts: Array<Named>, 
/**
 * What the model was set to.
 */
parameters: Json, 
/**
 * What the prompt was filled with.
 */
variables: Json, 
/**
 * How long it took, in milliseconds.
 */
latency_ms: number | null, 
/**
 * Tokens read.
 */
input_tokens: number | null, 
/**
 * Tokens written.
 */
output_tokens: number | null, 
/**
 * US dollars.
 */
cost: number | null, 
/**
 * What people and programs think of it.
 */
scores: Array<AnswerScore>, };

/**
 * A judgement of an answer.
 */
export type AnswerScore = { 
/**
 * What was judged.
 */
name: string, 
/**
 * The number.
 */
value: number | null, 
/**
 * The word.
 */
label: string | null, 
/**
 * Why.
 */
explanation: string | null, 
/**
 * Who judged.
 */
by: string | null, };

/**
 * What an answer may rest on.
 */
export type AnswerSource = { 
/**
 * The passage; none when it was only in the request.
 */
entity: Named | null, 
/**
 * What it is called.
 */
title: string, 
/**
 * Its text; none when the catalog hasn't it.
 */
text: string | null, 
/**
 * How long the text is, in characters.
 */
characters: number, 
/**
 * Its place among what was retrieved, from 1.
 */
rank: number | null, 
/**
 * How well it fitted, as the store counts.
 */
score: number | null, 
/**
 * How well it fitted, as a reranker counts.
 */
reranking_score: number | null, 
/**
 * Whether the answer cites it; otherwise it was only retrieved.
 */
cited: boolean, 
/**
 * Since when its document no longer has this text.
 */
stale_since: Timestamp | null, 
/**
 * What it was made from: the record of a store, the document.
 */
made_from: Array<Named>, };

/**
 * An answer beside what it rests on.
 */
export type AnswerView = { 
/**
 * The output.
 */
output: Named, 
/**
 * What was asked last.
 */
question: string | null, 
/**
 * What was answered; all spans are of it.
 */
text: string, 
/**
 * What it may rest on, in the order in which the model was given it.
 */
sources: Array<AnswerSource>, 
/**
 * What it rests on, in the order of its text.
 */
citations: Array<CitationView>, 
/**
 * How it came to be.
 */
context: AnswerContext, };

/**
 * How it is known that the answer rests on the source.
 */
export type Basis = "provider" | "mark" | "suggested";

/**
 * The open catalog, and those opened before.
 */
export type CatalogInfo = { 
/**
 * Where it is; none when no catalog is open.
 */
path: string | null, 
/**
 * What it is called.
 */
name: string, 
/**
 * How many entities it has.
 */
entity_count: number, 
/**
 * How many relations it has.
 */
relation_count: number, 
/**
 * How large its file is, in bytes.
 */
size_bytes: number, 
/**
 * How many changed entities the search index has yet to take in; search finds them all the same.
 */
index_waiting: number, 
/**
 * Why it can't be changed, if it can't.
 */
read_only: string | null, 
/**
 * Whether the program that had it open last was ended in the middle. The file was checked and is sound.
 */
ended_uncleanly: boolean, 
/**
 * The catalogs opened lately.
 */
recent: Array<Recent>, 
/**
 * Whether a sample comes with this installation.
 */
has_sample: boolean, 
/**
 * The version of Catena.
 */
version: string, };

/**
 * One change, as shown.
 */
export type ChangeView = { 
/**
 * The entity that it is about; a relation's first one.
 */
subject: EntityId, 
/**
 * Its name, or the relation in words.
 */
subject_name: string, 
/**
 * Which field.
 */
field: string, 
/**
 * Who claims the value.
 */
source: string, 
/**
 * What was there.
 */
before: Json, 
/**
 * What is there now.
 */
after: Json, };

/**
 * What the check found.
 */
export type CheckReply = { 
/**
 * Whether all holds.
 */
holds: boolean, 
/**
 * What doesn't.
 */
problems: Array<Problem>, };

/**
 * Whether a chunk's text is in its document.
 */
export type ChunkState = "fresh" | "stale" | "unplaced" | "unknown";

/**
 * A chunk and where it stands.
 */
export type ChunkView = { 
/**
 * The chunk.
 */
chunk: Named, 
/**
 * Its names, as stores and traces give them.
 */
names: Array<string>, 
/**
 * Whether its text is in its document.
 */
state: ChunkState, 
/**
 * Since when it is not.
 */
since: Timestamp | null, 
/**
 * Why it is not to be retrieved; empty when it may be.
 */
why: Array<string>, 
/**
 * Its document.
 */
document: Named | null, 
/**
 * SHA-256 of the version of the document that it is, or was last, in.
 */
version: string | null, 
/**
 * Where its text begins in that version's, in bytes.
 */
start: number | null, 
/**
 * Where it ends.
 */
end: number | null, 
/**
 * The page on which it begins.
 */
page: number | null, 
/**
 * How its text was found there: `exact`, `spaced`, `letters`.
 */
fit: string | null, };

/**
 * Chunks.
 */
export type Chunks = { 
/**
 * How many there are.
 */
total: number, 
/**
 * They, or the first of them.
 */
chunks: Array<ChunkView>, };

/**
 * Asks for chunks.
 */
export type ChunksArgs = { 
/**
 * Only those that are not to be retrieved.
 */
not_for_retrieval: boolean, 
/**
 * Only those of this document or collection, or those that this trace or answer retrieved.
 */
of?: string, 
/**
 * The most to give; all when left out.
 */
limit?: number, };

/**
 * A citation of an answer.
 */
export type CitationView = { 
/**
 * The words of the answer, in characters of its text.
 */
answer_span: Span, 
/**
 * The mark itself (`[1]`), where there is one.
 */
mark: Span | null, 
/**
 * Which of the answer's sources: its place among them, from 0.
 */
source_index: number | null, 
/**
 * The source, where it is in the catalog.
 */
source: Named | null, 
/**
 * What the answer calls the source, where it is not known.
 */
called: string | null, 
/**
 * The stretch of the source, in characters of its text.
 */
source_span: Span | null, 
/**
 * The words that the provider quotes.
 */
quote: string | null, 
/**
 * The pages that the provider names, the first and the last.
 */
pages: [number, number] | null, 
/**
 * What became of it.
 */
state: State, 
/**
 * How it is known.
 */
basis: Basis, 
/**
 * How much of the words is in the source, from 0 to 1.
 */
share: number, };

/**
 * Which runs.
 */
export type CompareArgs = { 
/**
 * Their ids, or names that only one has; in the order in which they are shown.
 */
runs: Array<string>, 
/**
 * Which of them the others are measured against; the first where it isn't said.
 */
baseline: string | null, };

/**
 * Runs beside each other.
 */
export type CompareReply = { 
/**
 * The runs.
 */
runs: Array<ComparedRun>, 
/**
 * Which of them is the baseline: its place among them.
 */
baseline: number, 
/**
 * What they are compared in.
 */
rows: Array<CompareRow>, };

/**
 * One thing that the runs are compared in.
 */
export type CompareRow = { 
/**
 * What it is about.
 */
section: CompareSection, 
/**
 * Its name within the section.
 */
key: string, 
/**
 * A value for each run, nothing where it has none.
 */
values: Json[], 
/**
 * Whether the runs differ in it.
 */
differs: boolean, 
/**
 * Each value less the baseline's; nothing where one of the two is missing or no number.
 */
deltas: Array<number | null>, };

/**
 * What a row of a comparison is about.
 */
export type CompareSection = "attributes" | "params" | "metrics" | "tags" | "lineage";

/**
 * A run of a comparison.
 */
export type ComparedRun = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * Run or trace.
 */
kind: Kind, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is a part of.
 */
of: Named | null, };

/**
 * A connection as it is set up.
 */
export type ConnectionAddArgs = { 
/**
 * What it is to be called.
 */
name: string, 
/**
 * Which connector reads it.
 */
kind: string, 
/**
 * Where it is.
 */
address: string, 
/**
 * What else was chosen, by the key of the field.
 */
options: Record<string, string>, 
/**
 * The token or password.
 */
secret: SecretText | null, 
/**
 * Where there is no keychain, the secret may be kept in a file that only the user can read.
 */
allow_secret_file: boolean, };

/**
 * Which connection.
 */
export type ConnectionArgs = { 
/**
 * Its name.
 */
name: string, };

/**
 * Something that can be chosen.
 */
export type ConnectionField = { 
/**
 * Its key among the options.
 */
key: string, 
/**
 * What it is called.
 */
label: string, 
/**
 * What it does.
 */
hint: string, 
/**
 * What can be chosen; anything when empty.
 */
choices: Array<string>, };

/**
 * A sort of system that can be connected.
 */
export type ConnectionKind = { 
/**
 * Its word.
 */
kind: string, 
/**
 * Its name.
 */
title: string, 
/**
 * What may be given as the address.
 */
takes: string, 
/**
 * An address as it could be.
 */
example: string, 
/**
 * What its secret is called; none when it takes none.
 */
secret: string | null, 
/**
 * What else can be chosen.
 */
fields: Array<ConnectionField>, };

/**
 * Which connection to pull.
 */
export type ConnectionPullArgs = { 
/**
 * Its name.
 */
name: string, 
/**
 * Everything, also what an earlier pull had.
 */
all?: boolean, };

/**
 * How often to pull a connection.
 */
export type ConnectionScheduleArgs = { 
/**
 * Its name.
 */
name: string, 
/**
 * Every so many minutes while the window is open; never by itself without.
 */
minutes: number | null, };

/**
 * What to test: a connection that is set up, or one that is about to be.
 */
export type ConnectionTestArgs = { 
/**
 * The name of one that is set up.
 */
name: string | null, 
/**
 * One that is about to be; nothing of it is kept.
 */
draft: ConnectionAddArgs | null, 
/**
 * The token or password of the one that is set up, if it isn't the one that is kept.
 */
secret?: SecretText, };

/**
 * What was found.
 */
export type ConnectionTested = { 
/**
 * The software.
 */
system: string, 
/**
 * Its version, where it says so.
 */
version: string | null, 
/**
 * The namespace of the names that it will give.
 */
namespace: string, 
/**
 * What is there to read, as far as that is known without reading it.
 */
found: Array<TestFound>, 
/**
 * What can't be read there, and why.
 */
notes: Array<Rejection>, };

/**
 * A connection as it is shown.
 */
export type ConnectionView = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Which connector reads it.
 */
kind: string, 
/**
 * That, for people.
 */
kind_title: string, 
/**
 * Where it is.
 */
address: string, 
/**
 * What else was chosen.
 */
options: Record<string, string>, 
/**
 * Where its secret is kept: `keychain`, `file`; nowhere when it has none.
 */
secret: string | null, 
/**
 * When it was pulled last.
 */
pulled_at: Timestamp | null, 
/**
 * What came of that.
 */
report: PullReport | null, 
/**
 * Every how many minutes it is pulled by itself.
 */
minutes: number | null, 
/**
 * When it will be pulled by itself, at the earliest.
 */
next_at: Timestamp | null, 
/**
 * The job that pulls it just now.
 */
job: string | null, };

/**
 * What was counted in some time.
 */
export type Counted = { 
/**
 * How often it was called or ran.
 */
calls: number, 
/**
 * How many of the calls went wrong.
 */
errors: number, 
/**
 * How often it was read.
 */
reads: number, 
/**
 * Tokens read.
 */
input_tokens: number, 
/**
 * Tokens written.
 */
output_tokens: number, 
/**
 * Cost in US dollars.
 */
cost: number, 
/**
 * Half of the calls took at most so many milliseconds.
 */
p50_ms: number | null, 
/**
 * 95 of 100 calls took at most so many milliseconds.
 */
p95_ms: number | null, };

/**
 * How much there is around an entity.
 */
export type Counts = { 
/**
 * All entities that it was made from.
 */
upstream: number, 
/**
 * All entities that are made from it.
 */
downstream: number, 
/**
 * Its own relations.
 */
relations: number, 
/**
 * Its columns, versions or runs.
 */
parts: number, };

/**
 * Which dead letters to do something with.
 */
export type DeadLetterArgs = { 
/**
 * Their numbers.
 */
ids: Array<number>, };

/**
 * Something that could not be taken.
 */
export type DeadLetterView = { 
/**
 * Its number.
 */
id: number, 
/**
 * The protocol over which it came.
 */
protocol: string, 
/**
 * When it first came.
 */
first_at: Timestamp, 
/**
 * When it last came.
 */
last_at: Timestamp, 
/**
 * How many times it came.
 */
times: number, 
/**
 * Where it stood.
 */
where: string, 
/**
 * What is wrong and what to do.
 */
why: string, 
/**
 * How long it is.
 */
bytes: number, 
/**
 * Its beginning, as text.
 */
head: string, 
/**
 * It was kept whole, so that it can be replayed.
 */
whole: boolean, };

/**
 * A page of dead letters, the latest first.
 */
export type DeadLetters = { 
/**
 * They.
 */
letters: Array<DeadLetterView>, 
/**
 * How many there are in all.
 */
total: number, };

/**
 * Which dead letters.
 */
export type DeadLettersArgs = { 
/**
 * Only of this protocol.
 */
protocol: string | null, 
/**
 * Only those before this one: the last of the page before.
 */
before: number | null, };

/**
 * Which way from the focus.
 */
export type Direction = "up" | "down" | "both";

/**
 * A content that a document has or had.
 */
export type DocumentVersion = { 
/**
 * SHA-256 of its file.
 */
sha256: string, 
/**
 * When it was first read.
 */
first_at: Timestamp, 
/**
 * When it was last read.
 */
last_at: Timestamp, };

/**
 * One relation behind an edge.
 */
export type EdgeRelation = { 
/**
 * The relation.
 */
relation: RelationKey, 
/**
 * Nobody declared it.
 */
inferred: boolean, 
/**
 * What a person said of it.
 */
verdict: Verdict | null, 
/**
 * No longer seen.
 */
removed: boolean, 
/**
 * Who said so, the latest first.
 */
evidence: Array<EvidenceRow>, };

/**
 * Edits of one entity, made together.
 */
export type EditArgs = { 
/**
 * Which entity.
 */
entity: EntityId, 
/**
 * The edits.
 */
changes: Array<FieldEdit>, 
/**
 * Only check that the edits make sense.
 */
dry_run?: boolean, };

/**
 * Which entity.
 */
export type EntityArgs = { 
/**
 * Its id, or a name that only it has.
 */
id: string, };

/**
 * An entity, for as long as the catalog lives, through merges, splits and renames.
 */
export type EntityId = string;

/**
 * What the inspector shows.
 */
export type EntityPeek = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * What it is.
 */
kind: Kind, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is a part of.
 */
parent: Named | null, 
/**
 * Its names in the outside world.
 */
qualified_names: Array<NameView>, 
/**
 * Its fields.
 */
fields: Array<FieldValue>, 
/**
 * How much there is around it.
 */
counts: Counts, };

/**
 * A relation, seen from the entity.
 */
export type EntityRelation = { 
/**
 * Unique within the entity.
 */
id: string, 
/**
 * What it says.
 */
kind: string, 
/**
 * Which way.
 */
direction: RelationDirection, 
/**
 * The entity at the other end.
 */
other: Named, 
/**
 * The relation itself, for a person's word on it.
 */
relation: RelationKey, 
/**
 * What a person said of it.
 */
verdict: Verdict | null, 
/**
 * Nobody says any more that it holds, or a person rejected it.
 */
removed: boolean, 
/**
 * It is a guess.
 */
inferred: boolean, 
/**
 * Why it is believed.
 */
evidence: Array<EvidenceView>, };

/**
 * Everything that an entity's page shows but its history.
 */
export type EntityView = { 
/**
 * Its id; that of the head, where the one asked for was merged.
 */
id: EntityId, 
/**
 * What it is.
 */
kind: Kind, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is a part of.
 */
parent: Named | null, 
/**
 * Its names in the outside world.
 */
qualified_names: Array<NameView>, 
/**
 * The entities merged into it.
 */
members: Array<Member>, 
/**
 * Its fields.
 */
fields: Array<FieldValue>, 
/**
 * Its facets.
 */
facets: Array<FacetValue>, 
/**
 * Its columns.
 */
schema: Array<SchemaColumn>, 
/**
 * The versions of its schema, the latest first.
 */
schema_versions: Array<SchemaVersion>, 
/**
 * Changes of schemas upstream that break whoever reads them.
 */
upstream_changes: Array<UpstreamChange>, 
/**
 * Its other parts (versions, runs), the first of them.
 */
parts: Array<Named>, 
/**
 * Its metrics.
 */
metrics: Array<MetricView>, 
/**
 * Its relations.
 */
relations: Array<EntityRelation>, 
/**
 * How much there is around it.
 */
counts: Counts, 
/**
 * What happened with it, in short; none where nothing was counted.
 */
activity: ActivitySummary | null, };

/**
 * One source's word on a relation.
 */
export type EvidenceRow = { 
/**
 * The import or connection that it came through.
 */
source: string, 
/**
 * How it was known (`declared`, `sql_parsed`, `name_matched`, ...).
 */
method: string, 
/**
 * What fits, where it was found because two things fit: `content hash`, `file name is the table's`.
 */
matched_by: string | null, 
/**
 * From 0 to 1.
 */
confidence: number, 
/**
 * When it was first said, in ms since 1970.
 */
first_seen: number | null, 
/**
 * When it was last said, in ms since 1970.
 */
last_seen: number | null, 
/**
 * The job that it was seen in.
 */
job: Named | null, 
/**
 * The run that it was seen in.
 */
run: Named | null, 
/**
 * The statement that it was read from.
 */
sql: string | null, };

/**
 * A person's word on an inferred relation.
 */
export type EvidenceVerdictArgs = { 
/**
 * The relation.
 */
relation: RelationKey, 
/**
 * The word; none takes an earlier one back.
 */
verdict: Verdict | null, };

/**
 * Evidence for a relation.
 */
export type EvidenceView = { 
/**
 * Who says so.
 */
source: string, 
/**
 * How it was found.
 */
method: string, 
/**
 * How sure, in percent.
 */
confidence: number, 
/**
 * When it was first said.
 */
first_at: Timestamp, 
/**
 * When it was last said.
 */
at: Timestamp, 
/**
 * Whether the source has since said that it is gone.
 */
withdrawn: boolean, 
/**
 * Anything more.
 */
detail: Json, };

/**
 * An entity as a standard writes it.
 */
export type Exchange = { 
/**
 * What a file of it is best called.
 */
file_name: string, 
/**
 * The document.
 */
text: string, };

/**
 * Which entity, and in what.
 */
export type ExchangeArgs = { 
/**
 * Its id, or a name that only it has.
 */
id: string, 
/**
 * In what.
 */
standard: Standard, };

/**
 * A node whose neighbours are shown further than the view's own levels.
 */
export type Expanded = { 
/**
 * The node.
 */
id: EntityId, 
/**
 * On which side.
 */
side: NodeSide, 
/**
 * How many levels more; 0 closes the side. The view's limit bounds it.
 */
levels: number, };

/**
 * Something that the results could be narrowed by.
 */
export type FacetCount = { 
/**
 * The argument that narrows by it: `kinds`, `tags`, `owners` or `systems`.
 */
field: string, 
/**
 * Its values, most frequent first.
 */
values: Array<ValueCount>, };

/**
 * What a field of a facet means.
 */
export type FacetField = { 
/**
 * Its path: `owners[].name`; `*` stands for any key.
 */
path: string, 
/**
 * What it holds.
 */
description: string, };

/**
 * What in a facet is not as its schema has it.
 */
export type FacetProblem = { 
/**
 * Where in it: `owners[0].name`; empty for the facet as a whole.
 */
where: string, 
/**
 * What is wrong there.
 */
what: string, };

/**
 * A facet as its source sent it.
 */
export type FacetValue = { 
/**
 * Its name at the source.
 */
name: string, 
/**
 * The second entity, where the facet is about a pair.
 */
about: Named | null, 
/**
 * Who sent it.
 */
source: string, 
/**
 * When.
 */
at: Timestamp, 
/**
 * The facet itself.
 */
value: Json, 
/**
 * What its schema calls it; none where no schema is known.
 */
title: string | null, 
/**
 * What it holds, by its schema.
 */
description: string | null, 
/**
 * What its fields mean, by its schema: those that it has.
 */
fields: Array<FacetField>, 
/**
 * What in it is not as its schema has it. It is kept all the same.
 */
problems: Array<FacetProblem>, };

/**
 * One field and its new value.
 */
export type FieldEdit = { 
/**
 * The field: `description`, `tags`, `tags/pii`.
 */
field: string, 
/**
 * The value. A set is edited whole with an array; null takes a person's own value back.
 */
value: Json, };

/**
 * A field's current value and what else is claimed of it.
 */
export type FieldValue = { 
/**
 * The field: `description`, `tags`, `properties`.
 */
key: string, 
/**
 * Its value; a set is an array, a map an object.
 */
value: Json, 
/**
 * How it is known.
 */
known: Known, 
/**
 * Who claims it.
 */
source: string, 
/**
 * When they last said so.
 */
at: Timestamp, 
/**
 * Whether a person's edit is part of it.
 */
edited: boolean, 
/**
 * The other claims, the next best first.
 */
others: Array<OtherClaim>, };

/**
 * A file to write.
 */
export type FileSaveArgs = { 
/**
 * Where to, as the person chose it; it ends in `.png`, `.svg`, `.csv` or `.json`.
 */
path: string, 
/**
 * The content, two hexadecimal digits for each byte.
 */
hex: string, };

/**
 * One member of a group.
 */
export type GroupMember = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * Its kind.
 */
kind: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What the outside world calls it.
 */
qualified_name: string, };

/**
 * A node hidden together with what is only reached through it.
 */
export type Hidden = { 
/**
 * The node.
 */
id: EntityId, 
/**
 * Which side goes with it.
 */
with: NodeSide, };

/**
 * Asks for history.
 */
export type HistoryArgs = { 
/**
 * Only what touched this entity: an id, or a name that only it has.
 */
id: string | null, 
/**
 * How many operations.
 */
limit: number, 
/**
 * Only operations before this place in the log.
 */
before: number | null, 
/**
 * Of the operations of one import only the last, with the size of the whole.
 */
folded?: boolean, 
/**
 * Only the operations of this import.
 */
import?: string, };

/**
 * One entity that was found.
 */
export type Hit = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * What it is.
 */
kind: Kind, 
/**
 * What it is called.
 */
name: string, 
/**
 * Its names in the outside world.
 */
qualified_names: Array<string>, 
/**
 * Why it was found, in a few words.
 */
why: string, 
/**
 * The field that matched best, and where in it.
 */
matched: Matched | null, 
/**
 * The other fields that matched, the better ones first.
 */
also_matched: Array<Matched>, 
/**
 * What it is a part of.
 */
parent: Named | null, 
/**
 * What it is.
 */
description: string | null, 
/**
 * What it is marked with.
 */
tags: Array<string>, };

/**
 * What to import.
 */
export type ImportArgs = { 
/**
 * What sort of thing it is.
 */
kind: ImportKind, 
/**
 * A path or an address.
 */
from: string, 
/**
 * Everything, also what an earlier import from there had.
 */
all?: boolean, };

/**
 * What can be imported.
 */
export type ImportKind = "openlineage" | "dbt" | "mlflow" | "documents" | "files";

/**
 * What an import did.
 */
export type ImportReport = { 
/**
 * How many entities are new.
 */
created: number, 
/**
 * How many were there and are different now.
 */
changed: number, 
/**
 * How many were spoken of and are as they were.
 */
same: number, 
/**
 * What could not be taken, and why.
 */
rejected: Array<Rejection>, 
/**
 * Names all that was changed, so that it can be taken back as one; nothing was changed without it.
 */
import?: string, 
/**
 * What the source doesn't have or was not read, which is no failure.
 */
notes?: Array<Rejection>, };

/**
 * A whole import, as shown.
 */
export type ImportView = { 
/**
 * Its id, by which it is taken back.
 */
id: OperationId, 
/**
 * How many operations it has.
 */
operations: number, 
/**
 * How many changes they have in all.
 */
change_count: number, 
/**
 * The operation that took all of it back.
 */
undone_by: OperationId | null, };

/**
 * A piece of long-running work.
 */
export type Job = { 
/**
 * Names it as long as the app runs.
 */
id: string, 
/**
 * What it does.
 */
title: string, 
/**
 * How far it is.
 */
state: JobState, 
/**
 * How much is done, in units.
 */
done: number, 
/**
 * How much there is, where that is known.
 */
total: number | null, 
/**
 * What is counted: `events`, `MB`, `runs`.
 */
unit: string, 
/**
 * Units per second.
 */
rate: number | null, 
/**
 * How long it will take yet.
 */
seconds_left: number | null, 
/**
 * When it began.
 */
started_at: Timestamp, 
/**
 * When it ended.
 */
ended_at: Timestamp | null, 
/**
 * What it did.
 */
report: ImportReport | null, 
/**
 * Why it could not go on.
 */
error: string | null, };

/**
 * Which job.
 */
export type JobArgs = { 
/**
 * Its id.
 */
job: string, };

/**
 * A job was started.
 */
export type JobStarted = { 
/**
 * Its id.
 */
job: string, };

/**
 * How far a job is.
 */
export type JobState = "running" | "done" | "failed" | "cancelled";

/**
 * What an entity is. Codes are stored: never reuse one.
 */
export type Kind = "dataset" | "column" | "document" | "chunk" | "model" | "model_version" | "prompt" | "prompt_version" | "experiment" | "run" | "trace" | "output" | "job" | "pipeline" | "agent" | "service" | "tool" | "connection" | "dashboard" | "person" | "team" | "test" | "logged_model" | "metric" | "taxonomy" | "term";

/**
 * How a value is known.
 */
export type Known = "inferred" | "detected" | "synced" | "declared";

/**
 * What to show. Everything but `anchor` and `previous` is part of the view's link.
 */
export type LineageArgs = { 
/**
 * Where to start.
 */
focus: Array<EntityId>, 
/**
 * Which way.
 */
direction: Direction, 
/**
 * Levels upstream.
 */
up: number, 
/**
 * Levels downstream.
 */
down: number, 
/**
 * Nodes opened or closed beyond those levels.
 */
expanded: Array<Expanded>, 
/**
 * Nodes hidden with one of their sides.
 */
hidden: Array<Hidden>, 
/**
 * Only these kinds, bridged over the rest; empty for all.
 */
kinds: Array<Kind>, 
/**
 * Bridge over jobs, pipelines and tests.
 */
hide_transformations: boolean, 
/**
 * Bridge over runs.
 */
hide_runs: boolean, 
/**
 * Show relations that are no longer seen.
 */
show_removed: boolean, 
/**
 * Only relations seen at or after, in ms since 1970.
 */
since: number | null, 
/**
 * Only relations first seen at or before, in ms since 1970.
 */
until: number | null, 
/**
 * How far rolled up.
 */
band: ViewBand, 
/**
 * Nodes whose columns are open.
 */
columns: Array<EntityId>, 
/**
 * The column whose whole path is wanted, also through closed nodes.
 */
column_trace: EntityId | null, 
/**
 * Neighbours of one node beyond this many become a group.
 */
group_over: number, 
/**
 * Groups of which a page is shown.
 */
open_groups: Array<OpenGroup>, 
/**
 * Draw it however large it is.
 */
force: boolean, 
/**
 * The node that stays where it is.
 */
anchor: Place | null, 
/**
 * Where the nodes on screen are, so that they stay near.
 */
previous: Array<Place>, };

/**
 * Who says that there is an edge.
 */
export type LineageEdge = { 
/**
 * The relations behind it, the surest first.
 */
relations: Array<EdgeRelation>, 
/**
 * The hidden steps that it bridges, in the order that data flows.
 */
through: Array<Named>, 
/**
 * The edges that it stands for, where an end stands for many: the first of them.
 */
between: Array<StoodFor>, 
/**
 * How many edges it stands for: 1, or those between the members of its ends.
 */
stands_for: number, };

/**
 * Asks who says that there is an edge.
 */
export type LineageEdgeArgs = { 
/**
 * The edge's source, a node or a column.
 */
from: EntityId, 
/**
 * Its target.
 */
to: EntityId, 
/**
 * The view that the edge is drawn in: needed where an end stands for many.
 */
view?: LineageArgs, };

/**
 * A page of a group's members.
 */
export type LineageGroup = { 
/**
 * Members that match the filter.
 */
matching: number, 
/**
 * All members.
 */
members: number, 
/**
 * Members on one page.
 */
page_size: number, 
/**
 * The page, by name.
 */
rows: Array<GroupMember>, };

/**
 * Asks for a page of a group's members.
 */
export type LineageGroupArgs = { 
/**
 * The view that the group is in.
 */
view: LineageArgs, 
/**
 * The group node's id.
 */
group: EntityId, 
/**
 * The page, from 0.
 */
page: number, 
/**
 * Part of the name or qualified name; empty for all.
 */
filter: string, };

/**
 * One row of the table: one node of the frame.
 */
export type LineageRow = { 
/**
 * Distance from the focus, negative upstream.
 */
level: number, 
/**
 * The node's id.
 */
id: EntityId, 
/**
 * Its kind, or `group`.
 */
kind: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What the outside world calls it.
 */
qualified_name: string, 
/**
 * The system it lives in.
 */
system: string, 
/**
 * Names of the nodes in view that it is made from.
 */
upstream: Array<string>, 
/**
 * Names of the nodes in view that are made from it.
 */
downstream: Array<string>, 
/**
 * Parents that are not in view.
 */
hidden_up: number, 
/**
 * Children that are not in view.
 */
hidden_down: number, 
/**
 * How many columns it has.
 */
columns: number, 
/**
 * Part of a cycle.
 */
cycle: boolean, 
/**
 * No longer seen.
 */
removed: boolean, };

/**
 * The same lineage as a table, row for node.
 */
export type LineageTable = { 
/**
 * In the order of the frame's nodes.
 */
rows: Array<LineageRow>, };

/**
 * The field that matched, and where in it.
 */
export type Matched = { 
/**
 * The field.
 */
field: string, 
/**
 * Its text, or a part around the match.
 */
text: string, 
/**
 * Start and end of each match in the text, in UTF-16 code units.
 */
ranges: Array<[number, number]>, };

/**
 * An entity that was merged into another.
 */
export type Member = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * Its own name.
 */
name: string, 
/**
 * How it came to be merged: `person`, or the rule that found it.
 */
by: string, };

/**
 * Merges entities into one.
 */
export type MergeArgs = { 
/**
 * The one that stays.
 */
into: EntityId, 
/**
 * Those that become part of it.
 */
entities: Array<EntityId>, };

/**
 * A metric of a run.
 */
export type MetricView = { 
/**
 * Its key.
 */
key: string, 
/**
 * How many points there are.
 */
count: number, 
/**
 * The last value; none when it is not a finite number.
 */
last: number | null, 
/**
 * The last value as text, also when it is NaN or infinite.
 */
last_text: string, 
/**
 * Up to a few hundred points (step, value) for a small chart, gaps where a value is not finite.
 */
points: Array<[number, number | null]>, };

/**
 * An answer whose sources changed since.
 */
export type MovedAnswer = { 
/**
 * The answer.
 */
output: Named, 
/**
 * The passages that were changed.
 */
changed: Array<Named>, 
/**
 * When the last of them was.
 */
since: Timestamp | null, };

/**
 * Answers whose sources changed since.
 */
export type MovedAnswers = { 
/**
 * The answers, what changed last first.
 */
answers: Array<MovedAnswer>, 
/**
 * Whether there are more than are listed.
 */
more: boolean, };

/**
 * A name that a system gave.
 */
export type NameView = { 
/**
 * The system.
 */
namespace: string, 
/**
 * The name in it.
 */
name: string, 
/**
 * Both, written together.
 */
text: string, 
/**
 * Who gave it.
 */
source: string, };

/**
 * An entity to go to.
 */
export type Named = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * What it is.
 */
kind: Kind, 
/**
 * What it is called.
 */
name: string, };

/**
 * One side of a node.
 */
export type NodeSide = "up" | "down";

/**
 * What to do about changes made since.
 */
export type OnLater = "refuse" | "keep" | "overwrite";

/**
 * A page of a group that is shown as nodes.
 */
export type OpenGroup = { 
/**
 * The group node's id.
 */
id: EntityId, 
/**
 * The page, from 0.
 */
page: number, 
/**
 * Part of the members' names; empty for all.
 */
filter: string, };

/**
 * What came of an act.
 */
export type Operated = { 
/**
 * The operation; none when everything was so already.
 */
operation: OperationId | null, 
/**
 * What it says in history.
 */
title: string, };

/**
 * One operation of the log.
 */
export type OperationId = string;

/**
 * One operation, as shown.
 */
export type OperationView = { 
/**
 * Its place in the log.
 */
seq: number, 
/**
 * Its id.
 */
id: OperationId, 
/**
 * What was done.
 */
title: string, 
/**
 * Who did it.
 */
actor: string, 
/**
 * The person that an agent acted for.
 */
on_behalf_of: string | null, 
/**
 * Through what.
 */
origin: Origin, 
/**
 * What it was part of.
 */
cause: string | null, 
/**
 * When.
 */
at: Timestamp, 
/**
 * The operation that took it back.
 */
undone_by: OperationId | null, 
/**
 * The operation that it took back.
 */
undoes: OperationId | null, 
/**
 * The whole import that it stands for, when operations are folded.
 */
import?: ImportView, 
/**
 * How many changes it has in all.
 */
change_count: number, 
/**
 * The first of them; in an entity's history those about the entity.
 */
changes: Array<ChangeView>, };

/**
 * Through what an operation came.
 */
export type Origin = "window" | "command_line" | "import" | "receiver" | "connector" | "mcp" | "hub";

/**
 * A claim that doesn't hold at the moment.
 */
export type OtherClaim = { 
/**
 * Who claims it.
 */
source: string, 
/**
 * What they claim.
 */
value: Json, 
/**
 * When they last said so.
 */
at: Timestamp, };

/**
 * A page of an entity's parts.
 */
export type Parts = { 
/**
 * How many there are.
 */
total: number, 
/**
 * The page.
 */
rows: Array<Named>, };

/**
 * Asks for a page of an entity's parts.
 */
export type PartsArgs = { 
/**
 * The whole.
 */
id: string, 
/**
 * How many to skip.
 */
offset: number, 
/**
 * How many to give.
 */
limit: number, };

/**
 * What there is to say of an entity's passages.
 */
export type Passages = { 
/**
 * The entity itself, when it is a chunk.
 */
own: ChunkView | null, 
/**
 * A document's versions, the one that holds first.
 */
versions: Array<DocumentVersion>, 
/**
 * Why a document's chunks are not to be retrieved.
 */
withheld: string | null, 
/**
 * How many chunks a document has, or a trace or answer retrieved.
 */
chunks: number, 
/**
 * How many of them are stale.
 */
stale: number, 
/**
 * Those that are not to be retrieved, the first of them.
 */
not_for_retrieval: Array<ChunkView>, 
/**
 * How many these are in all.
 */
not_for_retrieval_total: number, };

/**
 * A file.
 */
export type PathArgs = { 
/**
 * Its path.
 */
path: string, };

/**
 * Which time to look at; all end now.
 */
export type Period = "day" | "week" | "month" | "quarter" | "all";

/**
 * Where a node's top left corner is.
 */
export type Place = { 
/**
 * The node.
 */
id: EntityId, 
/**
 * Left edge.
 */
x: number, 
/**
 * Top edge.
 */
y: number, };

/**
 * A row that is not as it should be.
 */
export type Problem = { 
/**
 * Which row.
 */
where: string, 
/**
 * What is wrong with it.
 */
what: string, };

/**
 * What came of a pull, as it is kept and shown.
 */
export type PullReport = { 
/**
 * How many entities were new.
 */
created: number, 
/**
 * How many were there and were different.
 */
changed: number, 
/**
 * How many were as they had been.
 */
same: number, 
/**
 * How many things could not be taken.
 */
rejected: number, 
/**
 * Why it could not go on, if it could not.
 */
error: string | null, 
/**
 * Somebody stopped it.
 */
cancelled: boolean, };

/**
 * Which receiver.
 */
export type ReceiverArgs = { 
/**
 * Its protocol.
 */
protocol: string, };

/**
 * Which receiver to switch on, and where.
 */
export type ReceiverStartArgs = { 
/**
 * Its protocol.
 */
protocol: string, 
/**
 * Its port; the one that it had last when left out, or the usual one.
 */
port: number | null, };

/**
 * What came of switching a receiver on.
 */
export type ReceiverStarted = { 
/**
 * Its address, if it is on now.
 */
address: string | null, 
/**
 * The port, if another program has it.
 */
taken: TakenPort | null, };

/**
 * The token that clients send.
 */
export type ReceiverToken = { 
/**
 * It.
 */
token: string, 
/**
 * The file that it is kept in.
 */
kept_in: string, };

/**
 * One receiver.
 */
export type ReceiverView = { 
/**
 * Its protocol.
 */
protocol: string, 
/**
 * Its protocol, for people.
 */
title: string, 
/**
 * Its address, when it is on.
 */
address: string | null, 
/**
 * The port that it has, or would be given.
 */
port: number, 
/**
 * Why it is not on although it was when this catalog was open last.
 */
problem: string | null, 
/**
 * What it has seen, when it is on.
 */
seen: SeenView | null, 
/**
 * How many dead letters came by it.
 */
letters: number, 
/**
 * What to paste, by client. `{token}` stands for the token.
 */
snippets: Array<Snippet>, };

/**
 * Every receiver that there is.
 */
export type ReceiversView = { 
/**
 * One for each protocol.
 */
receivers: Array<ReceiverView>, 
/**
 * How many letters had to make room for newer ones.
 */
letters_dropped: number, 
/**
 * Where the token is kept.
 */
token_file: string, };

/**
 * A catalog opened before.
 */
export type Recent = { 
/**
 * Where it is.
 */
path: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * When it was last opened.
 */
opened_at: Timestamp, };

/**
 * What could not be taken, and why; nothing else is lost because of it.
 */
export type Rejection = { 
/**
 * Where it stood: `line 7`.
 */
where: string, 
/**
 * What is wrong and what to do.
 */
why: string, };

/**
 * Which way a relation goes, seen from the entity.
 */
export type RelationDirection = "out" | "in";

/**
 * One relation, named by what it joins. There is at most one of a kind between two entities.
 */
export type RelationKey = { 
/**
 * Where the relation starts.
 */
from: EntityId, 
/**
 * What it says.
 */
kind: RelationKind, 
/**
 * Where it ends.
 */
to: EntityId, };

/**
 * What a relation says. Codes are stored: never reuse one.
 */
export type RelationKind = "reads" | "writes" | "derives_from" | "influenced_by" | "trained_on" | "evaluated_on" | "uses_prompt" | "uses_model" | "retrieved" | "cites" | "produced_by" | "served_by" | "depends_on" | "run_of" | "related_to" | "checks" | "owned_by";

/**
 * What came of replaying.
 */
export type Replayed = { 
/**
 * How many are in the catalog now.
 */
taken: number, 
/**
 * Those that still can't be taken.
 */
rejected: Array<Rejection>, };

/**
 * A column that runs have.
 */
export type RunColumn = { 
/**
 * What it is called in filters: `status`, `metrics.rmse`, `params.depth`.
 */
key: string, 
/**
 * How many of the chosen runs have a value.
 */
present: number, 
/**
 * Whether all values are numbers.
 */
numeric: boolean, 
/**
 * Whether the chosen runs differ in it.
 */
differs: boolean, 
/**
 * The least of the numbers.
 */
min: number | null, 
/**
 * The greatest of the numbers.
 */
max: number | null, };

/**
 * The runs that share a value.
 */
export type RunGroup = { 
/**
 * The value; none for the runs that have none.
 */
value: Json, 
/**
 * How many runs.
 */
runs: number, 
/**
 * What the columns with numbers come to, in the order in which they are shown.
 */
totals: Array<RunGroupTotal>, };

/**
 * What one column of a group of runs comes to.
 */
export type RunGroupTotal = { 
/**
 * The column.
 */
column: string, 
/**
 * How many runs have a number there.
 */
count: number, 
/**
 * Their mean.
 */
mean: number, 
/**
 * The least.
 */
min: number, 
/**
 * The greatest.
 */
max: number, 
/**
 * The 95 % confidence interval of the mean (Student's t); none for a single run.
 */
interval: [number, number] | null, };

/**
 * Which series.
 */
export type RunSeriesArgs = { 
/**
 * Of which runs.
 */
runs: Array<EntityId>, 
/**
 * Which metrics; empty for all.
 */
metrics: Array<string>, 
/**
 * What the points are laid along.
 */
axis: SeriesAxis, 
/**
 * How many points a series has at the most, 1,000 where it isn't said.
 */
most: number | null, };

/**
 * A column to sort by.
 */
export type RunSort = { 
/**
 * The column.
 */
column: string, 
/**
 * The greatest first.
 */
descending: boolean, };

/**
 * A run in the table.
 */
export type RunTableRow = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * Run or trace.
 */
kind: Kind, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is a part of: an experiment, a job.
 */
of: Named | null, 
/**
 * Its values, in the order of the reply's `shown`.
 */
values: Json[], };

/**
 * Which runs, and what of them.
 */
export type RunsArgs = { 
/**
 * An expression in the words of MLflow's search (`metrics.rmse < 0.5 AND params.model = 'xgb'`), or words that
 * names have in them. Empty for all.
 */
filter: string, 
/**
 * Only these; empty for all.
 */
ids: Array<EntityId>, 
/**
 * Only of these kinds (`run`, `trace`); empty for both.
 */
kinds: Array<Kind>, 
/**
 * Only what is a part of this experiment or job.
 */
of: EntityId | null, 
/**
 * By which columns, the first deciding; runs that started last come first where all are equal.
 */
sort: Array<RunSort>, 
/**
 * The columns whose values are given; empty for those that most of the runs have.
 */
columns: Array<string>, 
/**
 * One group of runs for each value of this column.
 */
group_by: string | null, 
/**
 * How many rows are passed over.
 */
offset: number, 
/**
 * How many rows are given, at the most 10,000.
 */
limit: number | null, };

/**
 * A page of runs.
 */
export type RunsReply = { 
/**
 * How many there are in the catalog.
 */
total: number, 
/**
 * How many were chosen.
 */
matching: number, 
/**
 * The columns that the chosen runs have.
 */
columns: Array<RunColumn>, 
/**
 * The columns that the rows' values are of.
 */
shown: Array<string>, 
/**
 * The page.
 */
runs: Array<RunTableRow>, 
/**
 * One for each value of the column that was asked for.
 */
groups: Array<RunGroup>, 
/**
 * Columns that the filter names and no run has.
 */
unknown: Array<string>, 
/**
 * How long it took, in milliseconds.
 */
took_millis: number, };

/**
 * A link into the window, saved under a name.
 */
export type SavedView = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Where it leads.
 */
link: string, };

/**
 * The name of a saved view.
 */
export type SavedViewName = { 
/**
 * What it is called.
 */
name: string, };

/**
 * One difference between two schemas.
 */
export type SchemaChange = { 
/**
 * Which column; a nested one's path with dots. Empty for the table as a whole.
 */
path: string, 
/**
 * How it differs.
 */
difference: SchemaDifference, 
/**
 * What of it.
 */
what: SchemaWhat, 
/**
 * What was there.
 */
before: string | null, 
/**
 * What is there.
 */
after: string | null, 
/**
 * What that does to who reads it.
 */
rating: SchemaRating, };

/**
 * A column of a dataset.
 */
export type SchemaColumn = { 
/**
 * Its id.
 */
id: EntityId, 
/**
 * Its name; a nested field's with a dot for each level.
 */
name: string, 
/**
 * How deep it is nested, 0 at the top.
 */
depth: number, 
/**
 * Its type, as its system writes it.
 */
data_type: string | null, 
/**
 * What it holds.
 */
description: string | null, 
/**
 * What it is marked with.
 */
tags: Array<string>, 
/**
 * Its place among its siblings.
 */
position: number | null, 
/**
 * It was there once, and is in no source's latest schema any more.
 */
removed: boolean, };

/**
 * How a schema differs from the one before in one place.
 */
export type SchemaDifference = "added" | "changed" | "removed";

/**
 * What a change does to who reads the table.
 */
export type SchemaRating = "compatible" | "risky" | "breaking";

/**
 * A version of a schema, as one source saw it.
 */
export type SchemaVersion = { 
/**
 * Who saw it.
 */
source: string, 
/**
 * Its semantic version: the first number moves by what breaks, the second by what is risky, the third by the rest.
 */
version: string, 
/**
 * When it was first seen.
 */
at: Timestamp, 
/**
 * What is different from the one before; empty for the first.
 */
changes: Array<SchemaChange>, 
/**
 * The worst of it; none for the first.
 */
rating: SchemaRating | null, };

/**
 * What of a column differs.
 */
export type SchemaWhat = "column" | "type" | "nullable" | "format" | "key";

/**
 * A score over some time.
 */
export type ScoreCounted = { 
/**
 * What was measured.
 */
name: string, 
/**
 * How often.
 */
count: number, 
/**
 * Its mean.
 */
mean: number, };

/**
 * What to look for.
 */
export type SearchArgs = { 
/**
 * Words, a part of a name, or a qualified name; empty for everything that passes the filters.
 */
text: string, 
/**
 * Only these kinds; empty for all.
 */
kinds?: Array<Kind>, 
/**
 * Only what bears one of these tags.
 */
tags?: Array<string>, 
/**
 * Only what one of these answers for.
 */
owners?: Array<string>, 
/**
 * Only what lives in one of these systems.
 */
systems?: Array<string>, 
/**
 * How many hits to give; 50 when left out.
 */
limit?: number, 
/**
 * How many to skip.
 */
offset?: number, 
/**
 * Leave the facets out, for suggestions while somebody types. The hits and their order are the same.
 */
as_you_type?: boolean, };

/**
 * What was found.
 */
export type SearchReply = { 
/**
 * How many entities match.
 */
total: number, 
/**
 * Whether all of the catalog was searched: not so while the index is first built.
 */
complete: boolean, 
/**
 * Whether the best of them is what was asked for by its name, its path or its id: otherwise it only comes near.
 */
exact: boolean, 
/**
 * How long it took, in milliseconds.
 */
took_ms: number, 
/**
 * The best of them.
 */
hits: Array<Hit>, 
/**
 * What the results could be narrowed by, with counts.
 */
facets: Array<FacetCount>, };

/**
 * A secret on its way in; what prints its owner doesn't print it.
 */
export type SecretText = string;

/**
 * What a receiver has seen since it was switched on.
 */
export type SeenView = { 
/**
 * Records that were stored, repeats included.
 */
accepted: number, 
/**
 * Records that were set aside.
 */
rejected: number, 
/**
 * Requests that were turned away.
 */
refused: number, 
/**
 * When something was last stored.
 */
last_at: Timestamp | null, 
/**
 * What last went wrong.
 */
problem: string | null, 
/**
 * When that was.
 */
problem_at: Timestamp | null, 
/**
 * Records stored in each of the last 60 seconds, the present one last.
 */
rate: Array<number>, };

/**
 * What points are laid along.
 */
export type SeriesAxis = "step" | "time" | "relative";

/**
 * What to paste into one client. `{token}` stands for the token.
 */
export type Snippet = { 
/**
 * The client.
 */
client: string, 
/**
 * Where it goes.
 */
into: string, 
/**
 * It.
 */
text: string, };

/**
 * A part of a text: from `start` up to `end`, in characters.
 */
export type Span = { 
/**
 * The first character.
 */
start: number, 
/**
 * The one behind the last.
 */
end: number, };

/**
 * Which step.
 */
export type SpanArgs = { 
/**
 * The trace: its id, or a name that only it has.
 */
trace: string, 
/**
 * The step's id within it.
 */
span: string, };

/**
 * What a span does (after OpenTelemetry's `gen_ai.operation.name` and OpenInference's span kinds). When two
 * reports differ, the one further down holds.
 */
export type SpanKind = "other" | "task" | "workflow" | "agent" | "tool" | "reranking" | "retrieval" | "embedding" | "llm" | "evaluation" | "guardrail";

/**
 * How a span ended. When two reports differ, the one further down holds.
 */
export type SpanStatus = "unset" | "ok" | "error";

/**
 * A step whole.
 */
export type SpanView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What caused it.
 */
parent: string | null, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it does.
 */
kind: SpanKind, 
/**
 * How it ended.
 */
status: SpanStatus, 
/**
 * All that the reporter says of it.
 */
attributes: { [key: string]: Json }, 
/**
 * What happened during it.
 */
events: Json[], 
/**
 * What reported it.
 */
resource: Json, };

/**
 * Takes an entity out of its group.
 */
export type SplitArgs = { 
/**
 * The entity that was merged.
 */
entity: EntityId, };

/**
 * In what an entity can be written.
 */
export type Standard = "croissant" | "cyclonedx" | "odcs";

/**
 * What became of a citation.
 */
export type State = "exact" | "approximate" | "moved" | "missing";

/**
 * An edge between two members of what stands for many.
 */
export type StoodFor = { 
/**
 * Its source.
 */
from: Named, 
/**
 * Its target.
 */
to: Named, };

/**
 * A port that another program has.
 */
export type TakenPort = { 
/**
 * It.
 */
port: number, 
/**
 * One that is free.
 */
free: number, };

/**
 * Things of one sort that are there.
 */
export type TestFound = { 
/**
 * What they are: `tables`.
 */
what: string, 
/**
 * How many.
 */
count: number, };

/**
 * A moment: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in JSON.
 */
export type Timestamp = string;

/**
 * Steps that were found.
 */
export type TraceFound = { 
/**
 * Their ids.
 */
ids: Array<string>, };

/**
 * What to look for in a trace.
 */
export type TraceSearchArgs = { 
/**
 * The trace: its id, or a name that only it has.
 */
trace: string, 
/**
 * Letters that the name of a step or what is known of it has in it.
 */
text: string, };

/**
 * The steps of a trace in the order of its tree: each before those that it caused. One list for each thing that is
 * known of a step, so that 100,000 of them are read at once.
 */
export type TraceView = { 
/**
 * The trace.
 */
trace: Named | null, 
/**
 * When the first step started, in milliseconds since the epoch.
 */
start: number, 
/**
 * From the first start to the last end, in milliseconds.
 */
duration: number, 
/**
 * The names that steps have, each once.
 */
names: Array<string>, 
/**
 * The steps' ids.
 */
ids: Array<string>, 
/**
 * The name of each, as its place in `names`.
 */
name: Array<number>, 
/**
 * How deep each is in the tree, 0 for a root.
 */
depth: Array<number>, 
/**
 * How many steps each caused, directly or not: those that follow it.
 */
below: Array<number>, 
/**
 * What each does.
 */
kind: Array<SpanKind>, 
/**
 * How each ended.
 */
status: Array<SpanStatus>, 
/**
 * When each started, in milliseconds after `start`; nothing where it isn't known.
 */
at: Array<number | null>, 
/**
 * How long each took, in milliseconds; nothing while it runs.
 */
took: Array<number | null>, 
/**
 * How long each took without those that it caused.
 */
own: Array<number | null>, 
/**
 * Whether the end of the whole waited for it.
 */
slow_path: Array<boolean>, 
/**
 * Tokens read.
 */
input_tokens: (number | null)[], 
/**
 * Tokens written.
 */
output_tokens: (number | null)[], 
/**
 * US dollars.
 */
cost: Array<number | null>, 
/**
 * Tokens read in all.
 */
total_input_tokens: number, 
/**
 * Tokens written in all.
 */
total_output_tokens: number, 
/**
 * US dollars in all; nothing where no step says.
 */
total_cost: number | null, 
/**
 * How many steps ended with an error.
 */
errors: number, 
/**
 * How many steps name a cause that was never told of; they are shown as roots.
 */
orphans: number, };

/**
 * Takes an operation back.
 */
export type UndoArgs = { 
/**
 * Which one; or the id of an import, for all that it did.
 */
operation: OperationId, 
/**
 * What to do about changes that were made since to the same fields.
 */
later?: OnLater, 
/**
 * Only check whether it can be done.
 */
dry_run?: boolean, };

/**
 * What taking an operation back would do.
 */
export type UndoPlan = { 
/**
 * What it was.
 */
title: string, 
/**
 * How many operations would be taken back: one, or all of an import.
 */
operations: number, 
/**
 * How many changes would be made.
 */
change_count: number, 
/**
 * The first of them.
 */
changes: Array<ChangeView>, 
/**
 * How many later changes would be overwritten, or hidden with what they are about.
 */
collision_count: number, 
/**
 * The first of them.
 */
collisions: Array<ChangeView>, };

/**
 * A change of the schema of something upstream that breaks whoever reads it.
 */
export type UpstreamChange = { 
/**
 * What changed.
 */
entity: Named, 
/**
 * The version that it changed to.
 */
version: SchemaVersion, };

/**
 * How many things of one kind use a version.
 */
export type Uses = { 
/**
 * Their kind.
 */
kind: Kind, 
/**
 * How many.
 */
count: number, 
/**
 * Some of them.
 */
some: Array<Named>, };

/**
 * A value and how many results have it.
 */
export type ValueCount = { 
/**
 * The value.
 */
value: string, 
/**
 * How many results have it.
 */
count: number, };

/**
 * A person's word on a relation that was inferred.
 */
export type Verdict = "accepted" | "rejected";

/**
 * One thing that versions are compared in.
 */
export type VersionCompareRow = { 
/**
 * What it is about.
 */
section: VersionSection, 
/**
 * Its name within the section.
 */
key: string, 
/**
 * A value for each version, nothing where it has none.
 */
values: Json[], 
/**
 * Whether the versions differ in it.
 */
differs: boolean, 
/**
 * Each number less the first version's.
 */
deltas: Array<number | null>, };

/**
 * One version of a line.
 */
export type VersionRow = { 
/**
 * The version.
 */
version: Named, 
/**
 * Its number or name, as its system counts.
 */
number: string | null, 
/**
 * What points at it: `champion`, `production`.
 */
aliases: Array<string>, 
/**
 * Where it stands in its life.
 */
lifecycle: string | null, 
/**
 * What it is about.
 */
description: string | null, 
/**
 * When it was made, by its system's clock.
 */
made_at: Timestamp | null, 
/**
 * What made it: a run.
 */
made_by: Array<Named>, 
/**
 * A prompt's text, or its messages as text.
 */
text: string | null, 
/**
 * How many things use it now, by kind.
 */
uses: Array<Uses>, };

/**
 * What a row of a comparison of versions is about.
 */
export type VersionSection = "fields" | "text" | "params" | "metrics" | "signature" | "lineage";

/**
 * Which versions.
 */
export type VersionsCompareArgs = { 
/**
 * Their ids or names; the others are measured against the first.
 */
versions: Array<string>, };

/**
 * Versions beside each other.
 */
export type VersionsCompared = { 
/**
 * The versions.
 */
versions: Array<Named>, 
/**
 * What they are compared in.
 */
rows: Array<VersionCompareRow>, };

/**
 * The line of versions of a model or prompt.
 */
export type VersionsView = { 
/**
 * The model or prompt.
 */
whole: Named, 
/**
 * Its versions, the latest first.
 */
versions: Array<VersionRow>, 
/**
 * How many there are.
 */
count: number, };

/**
 * How far the view is rolled up.
 */
export type ViewBand = "system" | "asset" | "field";

export interface UseCase {
  provides: readonly string[];
  invalidates: readonly string[];
  role: string;
  dry_run: boolean;
}

export const useCases = {
  catalog_info: { provides: ["catalog","entities"], invalidates: [], role: "reader", dry_run: false },
  catalog_open: { provides: [], invalidates: ["*"], role: "admin", dry_run: false },
  catalog_create: { provides: [], invalidates: ["*"], role: "admin", dry_run: false },
  sample_open: { provides: [], invalidates: ["*"], role: "admin", dry_run: false },
  catalog_forget: { provides: [], invalidates: ["catalog"], role: "admin", dry_run: false },
  backup: { provides: [], invalidates: [], role: "reader", dry_run: false },
  restore: { provides: [], invalidates: ["*"], role: "admin", dry_run: false },
  check: { provides: [], invalidates: [], role: "reader", dry_run: false },
  search: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  saved_views: { provides: ["views"], invalidates: [], role: "reader", dry_run: false },
  saved_view_put: { provides: [], invalidates: ["views"], role: "contributor", dry_run: false },
  saved_view_delete: { provides: [], invalidates: ["views"], role: "contributor", dry_run: false },
  entity: { provides: ["entities","relations","operations"], invalidates: [], role: "reader", dry_run: false },
  entity_peek: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  activity: { provides: ["entities"], invalidates: [], role: "reader", dry_run: false },
  chunks: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  passages: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  parts: { provides: ["entities"], invalidates: [], role: "reader", dry_run: false },
  history: { provides: ["operations"], invalidates: [], role: "reader", dry_run: false },
  edit: { provides: [], invalidates: ["entities","operations","catalog"], role: "contributor", dry_run: true },
  merge: { provides: [], invalidates: ["entities","relations","operations","catalog"], role: "steward", dry_run: false },
  split: { provides: [], invalidates: ["entities","relations","operations","catalog"], role: "steward", dry_run: false },
  undo: { provides: [], invalidates: ["entities","relations","operations","catalog"], role: "contributor", dry_run: true },
  undo_plan: { provides: ["operations"], invalidates: [], role: "reader", dry_run: false },
  redo: { provides: [], invalidates: ["entities","relations","operations","catalog"], role: "contributor", dry_run: false },
  import_start: { provides: [], invalidates: ["jobs"], role: "steward", dry_run: false },
  jobs: { provides: ["jobs"], invalidates: [], role: "reader", dry_run: false },
  job_cancel: { provides: [], invalidates: ["jobs"], role: "steward", dry_run: false },
  job_dismiss: { provides: [], invalidates: ["jobs"], role: "reader", dry_run: false },
  lineage_view: { provides: ["relations","entities"], invalidates: [], role: "reader", dry_run: false },
  lineage_table: { provides: ["relations","entities"], invalidates: [], role: "reader", dry_run: false },
  lineage_edge: { provides: ["relations"], invalidates: [], role: "reader", dry_run: false },
  lineage_group: { provides: ["relations","entities"], invalidates: [], role: "reader", dry_run: false },
  evidence_verdict: { provides: [], invalidates: ["relations","operations"], role: "steward", dry_run: false },
  answer: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  answers_moved: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  versions: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  versions_compare: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  alias_plan: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  alias_move: { provides: [], invalidates: ["entities","operations","catalog"], role: "contributor", dry_run: false },
  trace: { provides: ["entities"], invalidates: [], role: "reader", dry_run: false },
  trace_span: { provides: ["entities"], invalidates: [], role: "reader", dry_run: false },
  trace_find: { provides: ["entities"], invalidates: [], role: "reader", dry_run: false },
  runs: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  runs_compare: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  run_series: { provides: ["entities"], invalidates: [], role: "reader", dry_run: false },
  receivers: { provides: ["receivers"], invalidates: [], role: "reader", dry_run: false },
  receiver_start: { provides: [], invalidates: ["receivers"], role: "admin", dry_run: false },
  receiver_stop: { provides: [], invalidates: ["receivers"], role: "admin", dry_run: false },
  receiver_token: { provides: ["receivers"], invalidates: [], role: "admin", dry_run: false },
  receiver_token_renew: { provides: [], invalidates: ["receivers"], role: "admin", dry_run: false },
  dead_letters: { provides: ["receivers"], invalidates: [], role: "steward", dry_run: false },
  dead_letter_replay: { provides: [], invalidates: ["receivers","entities","relations","operations","catalog"], role: "steward", dry_run: false },
  dead_letter_discard: { provides: [], invalidates: ["receivers"], role: "steward", dry_run: false },
  connection_kinds: { provides: ["connections"], invalidates: [], role: "reader", dry_run: false },
  connections: { provides: ["connections"], invalidates: [], role: "reader", dry_run: false },
  connection_add: { provides: [], invalidates: ["connections","entities","operations","catalog"], role: "admin", dry_run: false },
  connection_test: { provides: [], invalidates: [], role: "admin", dry_run: false },
  connection_pull: { provides: [], invalidates: ["connections","jobs"], role: "steward", dry_run: false },
  connection_schedule: { provides: [], invalidates: ["connections"], role: "steward", dry_run: false },
  connection_remove: { provides: [], invalidates: ["connections","entities","operations","catalog"], role: "admin", dry_run: false },
  entity_export: { provides: ["entities","relations"], invalidates: [], role: "reader", dry_run: false },
  file_save: { provides: [], invalidates: [], role: "reader", dry_run: false },
} as const satisfies Record<string, UseCase>;

export type UseCaseName = keyof typeof useCases;

const call = <T>(name: UseCaseName, args: object = {}): Promise<T> => invoke<T>("use_case", { name, args });

export const catalog_info = (): Promise<CatalogInfo> => call("catalog_info");
export const catalog_open = (args: PathArgs): Promise<CatalogInfo> => call("catalog_open", args);
export const catalog_create = (args: PathArgs): Promise<CatalogInfo> => call("catalog_create", args);
export const sample_open = (): Promise<CatalogInfo> => call("sample_open");
export const catalog_forget = (args: PathArgs): Promise<Record<string, never>> => call("catalog_forget", args);
export const backup = (args: PathArgs): Promise<Record<string, never>> => call("backup", args);
export const restore = (args: PathArgs): Promise<CatalogInfo> => call("restore", args);
export const check = (): Promise<CheckReply> => call("check");
export const search = (args: SearchArgs): Promise<SearchReply> => call("search", args);
export const saved_views = (): Promise<Array<SavedView>> => call("saved_views");
export const saved_view_put = (args: SavedView): Promise<Record<string, never>> => call("saved_view_put", args);
export const saved_view_delete = (args: SavedViewName): Promise<Record<string, never>> => call("saved_view_delete", args);
export const entity = (args: EntityArgs): Promise<EntityView> => call("entity", args);
export const entity_peek = (args: EntityArgs): Promise<EntityPeek> => call("entity_peek", args);
export const activity = (args: ActivityArgs): Promise<ActivityView> => call("activity", args);
export const chunks = (args: ChunksArgs): Promise<Chunks> => call("chunks", args);
export const passages = (args: EntityArgs): Promise<Passages> => call("passages", args);
export const parts = (args: PartsArgs): Promise<Parts> => call("parts", args);
export const history = (args: HistoryArgs): Promise<Array<OperationView>> => call("history", args);
export const edit = (args: EditArgs): Promise<Operated> => call("edit", args);
export const merge = (args: MergeArgs): Promise<Operated> => call("merge", args);
export const split = (args: SplitArgs): Promise<Operated> => call("split", args);
export const undo = (args: UndoArgs): Promise<Operated> => call("undo", args);
export const undo_plan = (args: UndoArgs): Promise<UndoPlan> => call("undo_plan", args);
export const redo = (): Promise<Operated> => call("redo");
export const import_start = (args: ImportArgs): Promise<JobStarted> => call("import_start", args);
export const jobs = (): Promise<Array<Job>> => call("jobs");
export const job_cancel = (args: JobArgs): Promise<Record<string, never>> => call("job_cancel", args);
export const job_dismiss = (args: JobArgs): Promise<Record<string, never>> => call("job_dismiss", args);
export const lineage_view = (args: LineageArgs): Promise<ArrayBuffer> => call("lineage_view", args);
export const lineage_table = (args: LineageArgs): Promise<LineageTable> => call("lineage_table", args);
export const lineage_edge = (args: LineageEdgeArgs): Promise<LineageEdge> => call("lineage_edge", args);
export const lineage_group = (args: LineageGroupArgs): Promise<LineageGroup> => call("lineage_group", args);
export const evidence_verdict = (args: EvidenceVerdictArgs): Promise<Operated> => call("evidence_verdict", args);
export const answer = (args: EntityArgs): Promise<AnswerView> => call("answer", args);
export const answers_moved = (): Promise<MovedAnswers> => call("answers_moved");
export const versions = (args: EntityArgs): Promise<VersionsView> => call("versions", args);
export const versions_compare = (args: VersionsCompareArgs): Promise<VersionsCompared> => call("versions_compare", args);
export const alias_plan = (args: AliasArgs): Promise<AliasPlan> => call("alias_plan", args);
export const alias_move = (args: AliasArgs): Promise<Operated> => call("alias_move", args);
export const trace = (args: EntityArgs): Promise<TraceView> => call("trace", args);
export const trace_span = (args: SpanArgs): Promise<SpanView> => call("trace_span", args);
export const trace_find = (args: TraceSearchArgs): Promise<TraceFound> => call("trace_find", args);
export const runs = (args: RunsArgs): Promise<RunsReply> => call("runs", args);
export const runs_compare = (args: CompareArgs): Promise<CompareReply> => call("runs_compare", args);
export const run_series = (args: RunSeriesArgs): Promise<ArrayBuffer> => call("run_series", args);
export const receivers = (): Promise<ReceiversView> => call("receivers");
export const receiver_start = (args: ReceiverStartArgs): Promise<ReceiverStarted> => call("receiver_start", args);
export const receiver_stop = (args: ReceiverArgs): Promise<Record<string, never>> => call("receiver_stop", args);
export const receiver_token = (): Promise<ReceiverToken> => call("receiver_token");
export const receiver_token_renew = (): Promise<ReceiverToken> => call("receiver_token_renew");
export const dead_letters = (args: DeadLettersArgs): Promise<DeadLetters> => call("dead_letters", args);
export const dead_letter_replay = (args: DeadLetterArgs): Promise<Replayed> => call("dead_letter_replay", args);
export const dead_letter_discard = (args: DeadLetterArgs): Promise<Record<string, never>> => call("dead_letter_discard", args);
export const connection_kinds = (): Promise<Array<ConnectionKind>> => call("connection_kinds");
export const connections = (): Promise<Array<ConnectionView>> => call("connections");
export const connection_add = (args: ConnectionAddArgs): Promise<ConnectionView> => call("connection_add", args);
export const connection_test = (args: ConnectionTestArgs): Promise<ConnectionTested> => call("connection_test", args);
export const connection_pull = (args: ConnectionPullArgs): Promise<JobStarted> => call("connection_pull", args);
export const connection_schedule = (args: ConnectionScheduleArgs): Promise<Record<string, never>> => call("connection_schedule", args);
export const connection_remove = (args: ConnectionArgs): Promise<Record<string, never>> => call("connection_remove", args);
export const entity_export = (args: ExchangeArgs): Promise<Exchange> => call("entity_export", args);
export const file_save = (args: FileSaveArgs): Promise<Record<string, never>> => call("file_save", args);
