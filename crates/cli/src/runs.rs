//! `catena runs`: the table of runs, and runs beside each other.

use std::io::{self, Write};

use catena_app::{
    App,
    runs::{self, CompareArgs, CompareReply, RunSort, RunsArgs, RunsReply},
};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    command::{Answer, Done},
    human::safe,
};

/// Which runs.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Runs {
    #[command(subcommand)]
    command: Option<RunsCommand>,
    /// An expression (`metrics.rmse < 0.5 AND params.model = 'xgb'`), or words that names have in them.
    filter: Vec<String>,
    /// By which column; may be given several times.
    #[arg(long)]
    sort: Vec<String>,
    /// The greatest first.
    #[arg(long)]
    descending: bool,
    /// A column to show (`metrics.rmse`); may be given several times.
    #[arg(long = "column")]
    columns: Vec<String>,
    /// One group for each value of this column, with means and their 95 % confidence intervals.
    #[arg(long)]
    group_by: Option<String>,
    /// How many runs to give.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// How many runs to pass over.
    #[arg(long, default_value_t = 0)]
    offset: usize,
}

/// What to do with runs.
#[derive(Debug, Subcommand)]
enum RunsCommand {
    /// Put runs beside each other.
    Compare {
        /// Ids, or names that only one run has.
        #[arg(required = true)]
        runs: Vec<String>,
        /// Which of them the others are measured against; the first when left out.
        #[arg(long)]
        baseline: Option<String>,
        /// Also what is the same in all of them.
        #[arg(long)]
        same: bool,
    },
}

impl Runs {
    pub(crate) fn run(&self, app: &App, answer: &mut Answer<'_>) -> Done {
        if let Some(RunsCommand::Compare { runs, baseline, same }) = &self.command {
            let reply = runs::compare(app, CompareArgs { runs: runs.clone(), baseline: baseline.clone() })?;
            return answer.give(&reply, |reply, out| compared(reply, *same, out));
        }
        let sort = self
            .sort
            .iter()
            .map(|column| RunSort { column: column.clone(), descending: self.descending })
            .collect();
        let args = RunsArgs {
            filter: self.filter.join(" "),
            sort,
            columns: self.columns.clone(),
            group_by: self.group_by.clone(),
            offset: self.offset,
            limit: Some(self.limit),
            ..RunsArgs::default()
        };
        answer.give(&runs::runs(app, args)?, listed)
    }
}

fn listed(reply: &RunsReply, out: &mut dyn Write) -> io::Result<()> {
    for column in &reply.unknown {
        writeln!(out, "No run has a {}.", safe(column))?;
    }
    if !reply.groups.is_empty() {
        for group in &reply.groups {
            writeln!(out, "{}  ({} runs)", cell("", &group.value), group.runs)?;
            for total in &group.totals {
                let interval = match total.interval {
                    Some((low, high)) => format!("  95 % [{}, {}]", short(low), short(high)),
                    None => String::new(),
                };
                writeln!(
                    out,
                    "  {:<32} mean {}{interval}  least {}  greatest {}",
                    safe(&total.column),
                    short(total.mean),
                    short(total.min),
                    short(total.max)
                )?;
            }
        }
        return Ok(());
    }
    for run in &reply.runs {
        let of = run.of.as_ref().map_or_else(String::new, |of| format!("  of {}", safe(&of.name)));
        writeln!(out, "{}  {}{of}  {}", run.kind.word(), safe(&run.name), run.id)?;
        let said: Vec<String> = reply
            .shown
            .iter()
            .zip(&run.values)
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| format!("{} {}", safe(key), cell(key, value)))
            .collect();
        if !said.is_empty() {
            writeln!(out, "    {}", said.join("  "))?;
        }
    }
    let left = reply.matching.saturating_sub(reply.runs.len());
    writeln!(
        out,
        "{} of {} runs{}",
        reply.matching,
        reply.total,
        if left > 0 { format!(", {left} not shown") } else { String::new() }
    )
}

fn compared(reply: &CompareReply, same: bool, out: &mut dyn Write) -> io::Result<()> {
    for (at, run) in reply.runs.iter().enumerate() {
        let mark = if at == reply.baseline { "  (baseline)" } else { "" };
        writeln!(out, "{}  {}  {}{mark}", at + 1, safe(&run.name), run.id)?;
    }
    let mut section = None;
    for row in reply.rows.iter().filter(|row| same || row.differs) {
        if section != Some(row.section) {
            section = Some(row.section);
            writeln!(out, "{}", format!("{:?}", row.section).to_lowercase())?;
        }
        let values: Vec<String> = row
            .values
            .iter()
            .zip(&row.deltas)
            .map(|(value, delta)| match delta {
                Some(delta) if *delta != 0.0 && !row.key.ends_with("_time") => {
                    format!(
                        "{} ({}{})",
                        cell(&row.key, value),
                        if *delta > 0.0 { "+" } else { "" },
                        short(*delta)
                    )
                }
                _ => cell(&row.key, value),
            })
            .collect();
        writeln!(out, "  {:<32} {}", safe(&row.key), values.join(" | "))?;
    }
    Ok(())
}

fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    // Very small and very large numbers say nothing with four places.
    if number != 0.0 && (number.abs() < 0.001 || number.abs() >= 1e12) {
        format!("{number:.3e}")
    } else {
        trimmed.to_owned()
    }
}

fn cell(key: &str, value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Number(number) if key.ends_with("_time") => number
            .as_f64()
            .and_then(|millis| chrono::DateTime::from_timestamp_millis(millis as i64))
            .map_or_else(|| number.to_string(), |time| time.format("%Y-%m-%d %H:%M:%S").to_string()),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), short),
        Value::Array(items) => items.iter().map(|item| cell("", item)).collect::<Vec<_>>().join(", "),
        Value::String(text) => safe(text),
        other => safe(&other.to_string()),
    }
}
