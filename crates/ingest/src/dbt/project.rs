//! The walk through a project's artifacts, one entry at a time.

use std::collections::{HashMap, HashSet, VecDeque};

use catena_model::{
    field::Single,
    source::{Known, Source},
    statement::Read,
    time::Timestamp,
};
use serde_json::{Map, Value, value::RawValue};

use super::{
    artifact::{Artifact, Entry},
    catalog, columns,
    lineage::Tables,
    names::Names,
    node,
};
use crate::{
    fault::{Fault, Path, rejected},
    json,
    telling::{Telling, bad_name},
};

/// Reads a project's artifacts. Each entry of the manifest becomes a record, and so does what the catalog and the run
/// results say of it; a broken entry becomes a rejection and the rest goes on. A broken manifest rejects everything,
/// since without it nothing has a name.
pub fn read_project<'a>(
    manifest: &'a [u8],
    catalog: Option<&'a [u8]>,
    run_results: Option<&'a [u8]>,
) -> impl Iterator<Item = Read> + 'a {
    let mut reads = VecDeque::new();
    let walk = Walk::new(manifest, catalog, run_results, &mut reads)
        .map_err(|why| reads.push_back(Err(rejected("manifest.json", &why))))
        .ok();
    Reading { walk, reads }
}

struct Reading<'a> {
    walk: Option<Walk<'a>>,
    reads: VecDeque<Read>,
}

impl Iterator for Reading<'_> {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            if let Some(read) = self.reads.pop_front() {
                return Some(read);
            }
            if !self.walk.as_mut()?.step(&mut self.reads) {
                self.walk = None;
            }
        }
    }
}

/// What is still to be read.
struct Walk<'a> {
    project: Project,
    declared: VecDeque<Entry<'a>>,
    found: HashMap<String, &'a RawValue>,
    /// The order of what was found, for what the manifest doesn't have.
    found_order: VecDeque<String>,
    found_at: Timestamp,
    results: VecDeque<&'a RawValue>,
    results_at: Timestamp,
    seen: HashSet<String>,
}

/// What holds for all entries.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) names: Names,
    pub(super) at: Timestamp,
    pub(super) source: Source,
    pub(super) name: String,
    /// Who answers for a group, by the group's name.
    pub(super) owners: HashMap<String, String>,
    /// The tables, as SQL names them.
    pub(super) tables: Tables,
}

impl<'a> Walk<'a> {
    fn new(
        manifest: &'a [u8],
        catalog: Option<&'a [u8]>,
        run_results: Option<&'a [u8]>,
        reads: &mut VecDeque<Read>,
    ) -> Result<Self, String> {
        let mut manifest = Artifact::read(manifest)?;
        let at = manifest.generated_at()?;
        let mut declared: VecDeque<Entry<'a>> = VecDeque::new();
        for section in
            ["nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests"]
        {
            declared.extend(manifest.section(section));
        }
        let metadata = &manifest.metadata;
        let text = |key: &str| metadata.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        // Before 1.7 only the entries' packages tell which project it is.
        let name = match text("project_name") {
            Some(name) => name.to_owned(),
            None => package(&declared)
                .ok_or("$.metadata.project_name is missing: parse the project with dbt 1.7 or newer")?,
        };
        let names = Names::new(&name, text("adapter_type"));
        let source = Source::system("dbt", &name);
        let adapter = text("adapter_type").map(str::to_owned);
        let mut project =
            Project { names, at, source, name, owners: HashMap::new(), tables: Tables::default() };
        let metadata = std::mem::take(&mut manifest.metadata);
        reads.push_back(project.tell(metadata));
        for (id, raw) in manifest.section("groups") {
            match entry(raw).and_then(|group| group_owner(&group)) {
                Ok(Some((group, owner))) => {
                    project.owners.insert(group, owner);
                }
                Ok(None) => {}
                Err(why) => reads.push_back(Err(rejected(&id, &why))),
            }
        }
        let (found, found_order, found_at) = match catalog {
            None => Default::default(),
            Some(bytes) => read_catalog(bytes).unwrap_or_else(|why| {
                reads.push_back(Err(rejected("catalog.json", &why)));
                Default::default()
            }),
        };
        project.tables = Tables::of(adapter.as_deref(), declared.iter(), &found);
        let (results, results_at) = match run_results {
            None => Default::default(),
            Some(bytes) => read_results(bytes).unwrap_or_else(|why| {
                reads.push_back(Err(rejected("run_results.json", &why)));
                Default::default()
            }),
        };
        let seen = HashSet::new();
        Ok(Self { project, declared, found, found_order, found_at, results, results_at, seen })
    }

    /// Reads the next entry; false when there is none.
    fn step(&mut self, reads: &mut VecDeque<Read>) -> bool {
        if let Some((id, raw)) = self.declared.pop_front() {
            if super::names::kind(&id).is_none() {
                return true;
            }
            if !self.seen.insert(id.clone()) {
                let why = "this unique id is there twice in the manifest: have dbt write it again".to_owned();
                reads.push_back(Err(rejected(&id, &why)));
                return true;
            }
            let found = self.found.remove(&id);
            self.declared(&id, raw, found, reads);
            return true;
        }
        if let Some(id) = self.found_order.pop_front() {
            if let Some(raw) = self.found.remove(&id) {
                self.found(&id, raw, &columns::Declared::default(), reads);
            }
            return true;
        }
        if let Some(raw) = self.results.pop_front() {
            reads.extend(self.result(raw));
            return true;
        }
        false
    }

    fn declared(&self, id: &str, raw: &RawValue, found: Option<&RawValue>, reads: &mut VecDeque<Read>) {
        let found_columns = found.map_or(Ok(catalog::Found::default()), |raw| {
            entry(raw).and_then(|entry| catalog::Found::of(&entry).map_err(|fault| fault.to_string()))
        });
        let empty = catalog::Found::default();
        let told = entry(raw).and_then(|node| {
            node::tell(&self.project, id, node, found_columns.as_ref().unwrap_or(&empty))
                .map_err(|fault| fault.to_string())
        });
        match told {
            Ok((record, declared)) => {
                reads.push_back(Ok(record));
                if let Some(raw) = found {
                    self.found(id, raw, &declared, reads);
                }
            }
            Err(why) => reads.push_back(Err(rejected(id, &why))),
        }
    }

    fn found(&self, id: &str, raw: &RawValue, declared: &columns::Declared, reads: &mut VecDeque<Read>) {
        let told = entry(raw).and_then(|entry| {
            catalog::tell(&self.project, id, entry, declared, self.found_at)
                .map_err(|fault| fault.to_string())
        });
        match told {
            Ok(record) => reads.extend(record.map(Ok)),
            Err(why) => {
                let why = format!("in catalog.json: {why}");
                reads.push_back(Err(rejected(id, &why)));
            }
        }
    }

    fn result(&self, raw: &RawValue) -> Option<Read> {
        let result = match entry(raw) {
            Ok(result) => result,
            Err(why) => return Some(Err(rejected("run_results.json", &why))),
        };
        let id = match Path::Root.required_in(&result, "unique_id") {
            Ok(id) => id.to_owned(),
            Err(fault) => {
                return Some(Err(rejected("run_results.json", &fault.to_string())));
            }
        };
        match self.project.names.thing(&id) {
            Ok(Some(thing)) => {
                let mut telling = Telling::at(self.results_at);
                telling.facet(&thing, "dbt_run_result", Value::Object(result));
                Some(Ok(telling.record(id, self.project.source.clone(), Known::Detected)))
            }
            Ok(None) => None,
            Err(problem) => Some(Err(rejected(&id, &problem.to_string()))),
        }
    }
}

impl Project {
    /// What the manifest says of the project itself.
    fn tell(&self, metadata: Map<String, Value>) -> Read {
        let place = "manifest.json".to_owned();
        let reject = |why: String| rejected(&place, &why);
        let thing =
            self.names.project(&self.name).map_err(|problem| reject(bad_name("project name", &problem)))?;
        let mut telling = Telling::at(self.at);
        telling.text(&thing, Single::Subtype, Some("dbt project"));
        telling.facet(&thing, "dbt_project", Value::Object(metadata));
        Ok(telling.record(place, self.source.clone(), Known::Declared))
    }
}

/// An entry's object.
fn entry(raw: &RawValue) -> Result<Map<String, Value>, String> {
    let value =
        json::read(raw.get().as_bytes(), &json::Limits::default()).map_err(|error| error.to_string())?;
    Path::Root.into_object(value).map_err(|fault| fault.to_string())
}

fn group_owner(group: &Map<String, Value>) -> Result<Option<(String, String)>, String> {
    let read = || -> Result<_, Fault> {
        let name = Path::Root.required_in(group, "name")?;
        Ok(node::owner(group, &Path::Root)?.map(|owner| (name.to_owned(), owner)))
    };
    read().map_err(|fault| fault.to_string())
}

type FoundEntries<'a> = (HashMap<String, &'a RawValue>, VecDeque<String>, Timestamp);

fn read_catalog(bytes: &[u8]) -> Result<FoundEntries<'_>, String> {
    let mut catalog = Artifact::read(bytes)?;
    let at = catalog.generated_at()?;
    let mut entries = catalog.section("nodes");
    entries.extend(catalog.section("sources"));
    let order = entries.iter().map(|(id, _)| id.clone()).collect();
    Ok((entries.into_iter().collect(), order, at))
}

fn read_results(bytes: &[u8]) -> Result<(VecDeque<&RawValue>, Timestamp), String> {
    let artifact = Artifact::read(bytes)?;
    let at = artifact.generated_at()?;
    Ok((artifact.results.into(), at))
}

/// The package that most of the entries are of; packages that a project uses have fewer models of their own.
fn package(entries: &VecDeque<Entry<'_>>) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (id, _) in entries {
        if let Some(package) = id.split('.').nth(1) {
            *counts.entry(package).or_default() += 1;
        }
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map(|(package, _)| package.to_owned())
}
