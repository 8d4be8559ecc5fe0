//! How long until the window is ready with a catalog of a million entities, and how much memory it takes then.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::screen::{self, Running};
use super::search;
use super::table::{Table, median};
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::repository;
use crate::setup::npm;
use crate::setup::packages::{self, Need};

const SECONDS_GOAL: f64 = 1.5;
const MEGABYTES_GOAL: f64 = 600.0;
const REPEATS: usize = 5;
/// How long the window is left alone before its memory is read: what it loads after it is shown counts too.
const SETTLING: Duration = Duration::from_secs(5);

pub fn run() -> Result<()> {
    packages::ensure(&[Need::Build, Need::Window])?;
    npm::build()?;
    Program::cargo(&["build", "--quiet", "--release", "--package", "catena"]).run()?;
    let catalog = search::million()?;
    if !catalog.is_file() {
        // It makes the catalog, and its index.
        search::run()?;
    }
    let mut seconds = Vec::new();
    let mut megabytes = Vec::new();
    // Once for the disk's cache, then measured.
    for repeat in 0..=REPEATS {
        let (took, memory) = open(&catalog)?;
        if repeat > 0 {
            seconds.push(took);
            megabytes.push(memory);
        }
    }
    let (seconds, megabytes) = (median(seconds), median(megabytes));
    println!("\nThe window with a million entities; medians of {REPEATS} starts.\n");
    let mut table = Table::new(["", "measured", "goal"]);
    table.row(["start to ready, s".into(), format!("{seconds:.2}"), format!("{SECONDS_GOAL}")]);
    table.row([
        "memory of all its processes, MB".into(),
        format!("{megabytes:.0}"),
        format!("{MEGABYTES_GOAL}"),
    ]);
    table.print();
    if seconds > SECONDS_GOAL || megabytes > MEGABYTES_GOAL {
        return Err(Failure::new("the window missed its goal"));
    }
    Ok(())
}

/// Opens the catalog in a window; gives the seconds until it is shown, and megabytes once it has settled.
fn open(catalog: &Path) -> Result<(f64, f64)> {
    let (_screen, display) = screen::start(1280, 800)?;
    let (_bus, bus) = screen::bus()?;
    let data = std::env::temp_dir().join(format!("catena-bench-start-{}", std::process::id()));
    fs::create_dir_all(&data).map_err(|error| Failure::at(&data, &error))?;
    let start = Instant::now();
    let app = Command::new(repository::target().join("release/catena"))
        .arg(catalog)
        .env("DISPLAY", &display)
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env("CATENA_DATA", &data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Failure::new(format!("the app could not be started: {error}")))?;
    let app = Running(app);
    // The app shows its window when its page has drawn the catalog, not before.
    while !shown(&display)? {
        if start.elapsed() > Duration::from_secs(60) {
            return Err(Failure::new("the window is not there after a minute"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = start.elapsed().as_secs_f64();
    std::thread::sleep(SETTLING);
    let memory = megabytes(app.0.id())?;
    drop(app);
    let _ = fs::remove_dir_all(&data);
    Ok((took, memory))
}

fn shown(display: &str) -> Result<bool> {
    let found = Command::new("xdotool")
        .args(["search", "--onlyvisible", "--name", "Catena"])
        .env("DISPLAY", display)
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("xdotool could not be started: {error}")))?;
    Ok(!found.stdout.is_empty())
}

/// What the process and all below it hold, shared pages counted once among those that share them.
fn megabytes(root: u32) -> Result<f64> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc").map_err(|error| Failure::at(Path::new("/proc"), &error))?.flatten() {
        if let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>()
            && let Ok(stat) = fs::read_to_string(entry.path().join("stat"))
            && let Some(parent) = parent(&stat)
        {
            parents.insert(id, parent);
        }
    }
    let below = |mut id: u32| {
        while id != root {
            match parents.get(&id) {
                Some(&parent) => id = parent,
                None => return false,
            }
        }
        true
    };
    let kilobytes: u64 = parents
        .keys()
        .filter(|&&id| below(id))
        .filter_map(|id| fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok())
        .filter_map(|rollup| proportional(&rollup))
        .sum();
    Ok(kilobytes as f64 / 1024.0)
}

/// The parent's id in `/proc/ID/stat`; the program's name before it may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The kilobytes of the line `Pss:`.
fn proportional(rollup: &str) -> Option<u64> {
    rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_parents_and_memory() {
        assert_eq!(parent("42 (a ) b) S 7 42 42"), Some(7));
        assert_eq!(proportional("55d0-7fff ---p\nRss:  100 kB\nPss:   64 kB\nPss_Dirty: 1 kB\n"), Some(64));
        if cfg!(target_os = "linux") {
            assert!(megabytes(std::process::id()).unwrap() > 0.5);
        }
    }
}
