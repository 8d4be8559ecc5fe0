//! Observed steps of a request: OpenTelemetry spans, LangSmith runs, MLflow spans.

use std::{cmp::Ordering, fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::json::canonical;

/// A span's id within its trace: OpenTelemetry's 8 bytes (the low half) or a UUID's 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub u128);

impl fmt::Display for SpanId {
    /// 16 hexadecimal digits where that is enough, as OpenTelemetry writes it, else 32.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u64::try_from(self.0) {
            Ok(short) => write!(f, "{short:016x}"),
            Err(_) => write!(f, "{:032x}", self.0),
        }
    }
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[derive(serde::Serialize, serde::Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { #[default] $($(#[$vdoc])* $variant = $code,)* }

        impl $name {
            /// Every one, in the order of their codes.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The number that stands for it in the catalog file: never reuse one.
            pub const fn code(self) -> u8 { self as u8 }

            /// The one with this code, if there is one.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some($name::$variant),)* _ => None }
            }

            /// Its name in JSON.
            pub const fn word(self) -> &'static str { match self { $($name::$variant => $word,)* } }
        }
    };
}

coded! {
    /// What a span does (after OpenTelemetry's `gen_ai.operation.name` and OpenInference's span kinds). When two
    /// reports differ, the one further down holds.
    SpanKind {
        /// Something else.
        Other = 0, "other";
        /// A step that holds others together: a task, a chain.
        Task = 1, "task";
        /// The whole of a request as its program sees it.
        Workflow = 2, "workflow";
        /// An agent at work.
        Agent = 3, "agent";
        /// A call of a tool.
        Tool = 4, "tool";
        /// Passages are put into an order of relevance.
        Reranking = 5, "reranking";
        /// Passages are looked up.
        Retrieval = 6, "retrieval";
        /// Text becomes a vector.
        Embedding = 7, "embedding";
        /// A model answers.
        Llm = 8, "llm";
        /// An answer is measured.
        Evaluation = 9, "evaluation";
        /// Input or output is checked against rules.
        Guardrail = 10, "guardrail";
    }
}

coded! {
    /// How a span ended. When two reports differ, the one further down holds.
    SpanStatus {
        /// It doesn't say.
        Unset = 0, "unset";
        /// Well.
        Ok = 1, "ok";
        /// With an error.
        Error = 2, "error";
    }
}

/// What a span used up, by the reporter's count.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Usage {
    /// Tokens read.
    #[ts(type = "number | null")]
    pub input_tokens: Option<i64>,
    /// Tokens written.
    #[ts(type = "number | null")]
    pub output_tokens: Option<i64>,
    /// Cost, in US dollars.
    pub cost: Option<f64>,
}

/// One step of a request. Its identity is its trace and its id.
///
/// A step may be told of more than once (when it starts, when it ends, by a retry): [`Span::merge`] joins the tellings
/// to the same whole in whatever order they come.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Which span of its trace.
    pub id: SpanId,
    /// The span that caused it; none for the root.
    pub parent: Option<SpanId>,
    /// What it is called.
    pub name: String,
    /// What it does.
    pub kind: SpanKind,
    /// When it started, in nanoseconds since the epoch by the reporter's clock.
    pub start: Option<i64>,
    /// When it ended, likewise; none while it runs.
    pub end: Option<i64>,
    /// How it ended.
    pub status: SpanStatus,
    /// What it used up.
    pub usage: Usage,
    /// All that the reporter says of it, by the names it uses. Status messages are here, as `status.message`.
    pub attributes: Map<String, Value>,
    /// What happened during it, as the reporter sent it.
    pub events: Vec<Value>,
    /// What reported it (OpenTelemetry's resource and scope); shared by all spans of a batch.
    pub resource: Arc<Value>,
}

impl Span {
    /// Joins two tellings of one span: commutative, associative, idempotent. What only one says holds; of two
    /// differing texts or values the longer holds, then the greater (a later telling says more).
    pub fn merge(self, other: Span) -> Span {
        let mut attributes = self.attributes;
        for (key, value) in other.attributes {
            match attributes.get_mut(&key) {
                None => {
                    attributes.insert(key, value);
                }
                Some(held) => {
                    if by_length(&value, held).is_gt() {
                        *held = value;
                    }
                }
            }
        }
        let mut events: Vec<(String, Value)> =
            self.events.into_iter().chain(other.events).map(|event| (canonical(&event), event)).collect();
        events.sort_by(|(a, _), (b, _)| a.cmp(b));
        events.dedup_by(|(a, _), (b, _)| a == b);
        let resource = match by_length(&self.resource, &other.resource) {
            Ordering::Less => other.resource,
            _ => self.resource,
        };
        Span {
            id: self.id,
            parent: self.parent.max(other.parent),
            name: match (self.name.len(), &self.name).cmp(&(other.name.len(), &other.name)) {
                Ordering::Less => other.name,
                _ => self.name,
            },
            kind: self.kind.max(other.kind),
            start: [self.start, other.start].into_iter().flatten().min(),
            end: self.end.max(other.end),
            status: self.status.max(other.status),
            usage: Usage {
                input_tokens: self.usage.input_tokens.max(other.usage.input_tokens),
                output_tokens: self.usage.output_tokens.max(other.usage.output_tokens),
                cost: [self.usage.cost, other.usage.cost].into_iter().flatten().max_by(f64::total_cmp),
            },
            attributes,
            events: events.into_iter().map(|(_, event)| event).collect(),
            resource,
        }
    }
}

fn by_length(a: &Value, b: &Value) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (canonical(a), canonical(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn spans() -> impl Strategy<Value = Span> {
        let value = prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!("b")), Just(json!({"x": [1]}))];
        (
            proptest::option::of(0..3_u128),
            "[a-c]{0,2}",
            0..3_usize,
            proptest::option::of(0..3_i64),
            proptest::option::of(0..3_i64),
            0..3_usize,
            proptest::collection::btree_map("[k-m]", value.clone(), 0..3),
            proptest::collection::vec(value.clone(), 0..3),
            value,
        )
            .prop_map(
                |(parent, name, kind, start, end, status, attributes, mut events, resource)| {
                    events.sort_by_key(canonical);
                    events.dedup();
                    Span {
                        id: SpanId(7),
                        parent: parent.map(SpanId),
                        name,
                        kind: SpanKind::ALL[kind],
                        start,
                        end,
                        status: SpanStatus::ALL[status],
                        usage: Usage {
                            input_tokens: start,
                            output_tokens: end,
                            cost: end.map(|end| end as f64),
                        },
                        attributes: attributes.into_iter().collect(),
                        events,
                        resource: Arc::new(resource),
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn tellings_of_a_span_join_to_one_whole_in_any_order(a in spans(), b in spans(), c in spans()) {
            let ab = a.clone().merge(b.clone());
            prop_assert_eq!(&ab, &b.clone().merge(a.clone()));
            prop_assert_eq!(ab.clone().merge(c.clone()), a.clone().merge(b.clone().merge(c)));
            prop_assert_eq!(ab.clone().merge(a), ab.clone());
            prop_assert_eq!(ab.clone().merge(b), ab);
        }
    }

    #[test]
    fn ids_are_written_as_their_systems_write_them() {
        assert_eq!(SpanId(0xb292_93d1_c198_3882).to_string(), "b29293d1c1983882");
        assert_eq!(SpanId(1 << 64).to_string(), "00000000000000010000000000000000");
        for &kind in SpanKind::ALL {
            assert_eq!(SpanKind::from_code(kind.code()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
