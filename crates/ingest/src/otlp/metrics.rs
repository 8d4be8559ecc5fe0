//! Metrics of generative AI (`gen_ai.*`): how long calls took and how many tokens they used, as the client counts it.
//!
//! A histogram's points become two series of the service: `NAME mean ATTRIBUTES` and `NAME count ATTRIBUTES`, of which
//! the attributes are those that say what was measured (operation, provider, model, sort of token). Buckets, exemplars
//! and who called are left out: the spans have each call. Other metrics are left out altogether.

use std::collections::BTreeMap;

use catena_model::{
    point::Point,
    source::{Known, Source},
    statement::{Record, Statement},
    time::Timestamp,
};
use serde_json::{Map, Value};

use super::{
    Limits,
    attributes::plain,
    export::Reporter,
    value::{self, Values, broken, double, unsigned},
    wire::{Field, Fields},
};
use crate::{fault::shorten, genai::names, telling::Telling};

/// A metric in either form.
#[derive(Debug, Default)]
pub(super) struct Reported {
    name: String,
    points: Vec<Measured>,
}

/// What was measured with one set of attributes.
#[derive(Debug, Default)]
struct Measured {
    time: u64,
    count: u64,
    sum: Option<f64>,
    attributes: Map<String, Value>,
}

/// What says what was measured, rather than for whom.
const TOLD_APART: &[&str] = &[
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.response.model",
    "gen_ai.request.model",
    "gen_ai.token.type",
    "error.type",
];

/// What a metric says; nothing when it is none of generative AI.
pub(super) fn record(metric: Reported, reporter: &Reporter, place: &str) -> Option<Record> {
    let service = names::service(&reporter.service).filter(|_| metric.name.starts_with("gen_ai."))?;
    // Several clients of one service count for themselves.
    let instance = reporter.resource.get("service.instance.id").and_then(plain);
    let mut series: BTreeMap<String, Measured> = BTreeMap::new();
    for measured in metric.points {
        let apart = TOLD_APART.iter().filter_map(|key| plain(measured.attributes.get(*key)?));
        let apart: Vec<String> = apart.chain(instance.clone()).collect();
        let whole = series.entry(apart.join(" ")).or_default();
        if let Some(sum) = measured.sum {
            whole.sum = Some(whole.sum.unwrap_or_default() + sum);
            whole.count = whole.count.saturating_add(measured.count);
            whole.time = whole.time.max(measured.time);
        }
    }
    let mut telling = Telling::at(Timestamp::default());
    let mut any = false;
    for (apart, measured) in series {
        let (Some(sum), true) = (measured.sum, measured.count > 0) else { continue };
        any = true;
        let at_millis = i64::try_from(measured.time / 1_000_000).unwrap_or(i64::MAX);
        let mean = sum / measured.count as f64;
        for (what, value) in [("mean", mean), ("count", measured.count as f64)] {
            telling.push(Statement::Points {
                run: service.clone(),
                metric: shorten(&format!("{} {what} {apart}", metric.name), 500),
                points: vec![Point { step: 0, at_millis, value }],
            });
        }
    }
    if !any {
        return None;
    }
    let source = Source::system("otel", &names::application(&reporter.service));
    Some(telling.record(format!("{place} ({})", shorten(&metric.name, 100)), source, Known::Detected))
}

pub(super) fn from_protobuf(message: &[u8], limits: &Limits) -> Result<Reported, String> {
    let mut values = Values::new(limits);
    let mut metric = Reported::default();
    for field in Fields::of(message) {
        match field.map_err(broken)? {
            (1, field) => metric.name = values.text(field.text(1).map_err(broken)?)?,
            // A histogram, of which the points are field 1.
            (9, field) => {
                for field in Fields::of(field.bytes(9).map_err(broken)?) {
                    if let (1, point) = field.map_err(broken)? {
                        metric.points.push(point_of(point.bytes(1).map_err(broken)?, &mut values)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(metric)
}

fn point_of(message: &[u8], values: &mut Values<'_>) -> Result<Measured, String> {
    let mut point = Measured::default();
    for field in Fields::of(message) {
        match field.map_err(broken)? {
            (3, field) => point.time = field.fixed64(3).map_err(broken)?,
            (4, field) => point.count = field.fixed64(4).map_err(broken)?,
            (5, Field::Fixed64(bits)) => point.sum = Some(f64::from_bits(bits)),
            (9, field) => values.pair(field.bytes(9).map_err(broken)?, &mut point.attributes)?,
            _ => {}
        }
    }
    Ok(point)
}

pub(super) fn from_json(item: &Map<String, Value>, limits: &Limits) -> Result<Reported, String> {
    let mut values = Values::new(limits);
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut points = Vec::new();
    let listed = item.get("histogram").and_then(|histogram| histogram.get("dataPoints"));
    for point in value::items(listed, "dataPoints")? {
        points.push(Measured {
            time: point.get("timeUnixNano").and_then(unsigned).unwrap_or_default(),
            count: point.get("count").and_then(unsigned).unwrap_or_default(),
            sum: point.get("sum").and_then(double),
            attributes: values.pairs_of_json(point.get("attributes"))?,
        });
    }
    Ok(Reported { name, points })
}
