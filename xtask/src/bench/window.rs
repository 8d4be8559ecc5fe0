//! How long a frame takes while the lineage canvas is panned and zoomed, beside React Flow on the same graph, in the
//! engine of the app's window.

use std::time::Duration;

use serde_json::Value;

use super::page;
use super::table::Table;
use super::webdriver::Browser;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;
use crate::setup::npm;
use crate::setup::packages::{self, Need};

/// How much a frame may take: two of every 60th of a second would be seen as a stutter.
const MEDIAN_GOAL: f64 = 17.0;
const P95_GOAL: f64 = 34.0;
/// The nodes for which the goal is set.
const MOST: u32 = 50_000;

pub fn run() -> Result<()> {
    packages::ensure(&[Need::Build, Need::Window])?;
    npm::ensure()?;
    Program::npm(&["exec", "--", "vite", "build", "-c", "src/lineage/bench.config.ts", "--logLevel", "warn"])
        .run()?;
    let address = page::serve(&repository::root().join("target/ui-bench"))?;

    let mut table =
        Table::new(["view", "nodes", "edges", "median ms", "p95 ms", "worst phase's", "first picture ms"]);
    let mut missed = None;
    for (peer, nodes) in
        [(Some("nothing"), 1_000), (None, 1_000), (Some("react-flow"), 1_000), (None, 10_000), (None, MOST)]
    {
        let result = measure(&address, peer, nodes)?;
        let number = |name: &str| result[name].as_f64().unwrap_or(f64::NAN);
        table.row([
            peer.unwrap_or("Catena").to_owned(),
            nodes.to_string(),
            result["edges"].to_string(),
            format!("{:.1}", number("median")),
            format!("{:.1}", number("p95")),
            format!("{:.1} / {:.1}", number("worstMedian"), number("worstP95")),
            format!("{:.0}", number("firstDrawMs")),
        ]);
        if peer.is_none() && nodes == MOST && (number("median") > MEDIAN_GOAL || number("p95") > P95_GOAL) {
            missed = Some(nodes);
        }
    }
    println!(
        "\nPanning and zooming in seven phases, 1280 x 800, WebKitGTK with software rendering; \"nothing\" is one small square.\n"
    );
    table.print();
    match missed {
        None => Ok(()),
        Some(nodes) => Err(Failure::new(format!(
            "at {nodes} nodes a frame took more than {MEDIAN_GOAL} ms (median) or {P95_GOAL} ms (p95)"
        ))),
    }
}

fn measure(address: &str, peer: Option<&str>, nodes: u32) -> Result<Value> {
    // A browser of its own for each: what one left in memory must not slow the next.
    let browser = Browser::open(1280, 800)?;
    let peer = peer.map(|peer| format!("&peer={peer}")).unwrap_or_default();
    browser.go(&format!("{address}/bench.html?nodes={nodes}{peer}"))?;
    browser.wait_for_title("done", Duration::from_secs(400))?;
    let said = browser.evaluate("return document.getElementById('result').textContent")?;
    let result: Value = serde_json::from_str(said.as_str().unwrap_or_default())
        .map_err(|error| Failure::new(format!("the bench's page said {said}: {error}")))?;
    match result["error"].as_str() {
        Some(error) => Err(Failure::new(format!("the bench's page failed: {error}"))),
        None => Ok(result),
    }
}
