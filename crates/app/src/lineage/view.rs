//! What a lineage view is asked with, and the answers beside its frame.

use catena_model::{
    id::EntityId,
    kind::Kind,
    relation::{RelationKey, Verdict},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::named::Named;

/// Which way from the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Where it came from.
    Up,
    /// What depends on it.
    Down,
    /// Both.
    #[default]
    Both,
}

/// One side of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NodeSide {
    /// Its parents.
    Up,
    /// Its children.
    Down,
}

/// How far the view is rolled up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ViewBand {
    /// Systems and schemas.
    System,
    /// One node per entity.
    #[default]
    Asset,
    /// Columns: every node in view is open.
    Field,
}

/// A node whose neighbours are shown further than the view's own levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Expanded {
    /// The node.
    pub id: EntityId,
    /// On which side.
    pub side: NodeSide,
    /// How many levels more; 0 closes the side. The view's limit bounds it.
    pub levels: u32,
}

/// A node hidden together with what is only reached through it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hidden {
    /// The node.
    pub id: EntityId,
    /// Which side goes with it.
    pub with: NodeSide,
}

/// A page of a group that is shown as nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenGroup {
    /// The group node's id.
    pub id: EntityId,
    /// The page, from 0.
    pub page: u32,
    /// Part of the members' names; empty for all.
    pub filter: String,
}

/// Where a node's top left corner is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Place {
    /// The node.
    pub id: EntityId,
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
}

/// What to show. Everything but `anchor` and `previous` is part of the view's link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct LineageArgs {
    /// Where to start.
    pub focus: Vec<EntityId>,
    /// Which way.
    pub direction: Direction,
    /// Levels upstream.
    pub up: u32,
    /// Levels downstream.
    pub down: u32,
    /// Nodes opened or closed beyond those levels.
    pub expanded: Vec<Expanded>,
    /// Nodes hidden with one of their sides.
    pub hidden: Vec<Hidden>,
    /// Only these kinds, bridged over the rest; empty for all.
    pub kinds: Vec<Kind>,
    /// Bridge over jobs, pipelines and tests.
    pub hide_transformations: bool,
    /// Bridge over runs.
    pub hide_runs: bool,
    /// Show relations that are no longer seen.
    pub show_removed: bool,
    /// Only relations seen at or after, in ms since 1970.
    #[ts(type = "number | null")]
    pub since: Option<i64>,
    /// Only relations first seen at or before, in ms since 1970.
    #[ts(type = "number | null")]
    pub until: Option<i64>,
    /// How far rolled up.
    pub band: ViewBand,
    /// Nodes whose columns are open.
    pub columns: Vec<EntityId>,
    /// The column whose whole path is wanted, also through closed nodes.
    pub column_trace: Option<EntityId>,
    /// Neighbours of one node beyond this many become a group.
    pub group_over: u32,
    /// Groups of which a page is shown.
    pub open_groups: Vec<OpenGroup>,
    /// Draw it however large it is.
    pub force: bool,
    /// The node that stays where it is.
    pub anchor: Option<Place>,
    /// Where the nodes on screen are, so that they stay near.
    pub previous: Vec<Place>,
}

impl Default for LineageArgs {
    fn default() -> Self {
        Self {
            focus: Vec::new(),
            direction: Direction::Both,
            up: 1,
            down: 1,
            expanded: Vec::new(),
            hidden: Vec::new(),
            kinds: Vec::new(),
            hide_transformations: false,
            hide_runs: false,
            show_removed: false,
            since: None,
            until: None,
            band: ViewBand::Asset,
            columns: Vec::new(),
            column_trace: None,
            group_over: 30,
            open_groups: Vec::new(),
            force: false,
            anchor: None,
            previous: Vec::new(),
        }
    }
}

/// The same lineage as a table, row for node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LineageTable {
    /// In the order of the frame's nodes.
    pub rows: Vec<LineageRow>,
}

/// One row of the table: one node of the frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LineageRow {
    /// Distance from the focus, negative upstream.
    pub level: i32,
    /// The node's id.
    pub id: EntityId,
    /// Its kind, or `group`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What the outside world calls it.
    pub qualified_name: String,
    /// The system it lives in.
    pub system: String,
    /// Names of the nodes in view that it is made from.
    pub upstream: Vec<String>,
    /// Names of the nodes in view that are made from it.
    pub downstream: Vec<String>,
    /// Parents that are not in view.
    pub hidden_up: u32,
    /// Children that are not in view.
    pub hidden_down: u32,
    /// How many columns it has.
    pub columns: u32,
    /// Part of a cycle.
    pub cycle: bool,
    /// No longer seen.
    pub removed: bool,
}

/// Asks who says that there is an edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LineageEdgeArgs {
    /// The edge's source, a node or a column.
    pub from: EntityId,
    /// Its target.
    pub to: EntityId,
    /// The view that the edge is drawn in: needed where an end stands for many.
    #[serde(default)]
    #[ts(optional)]
    pub view: Option<Box<LineageArgs>>,
}

/// Who says that there is an edge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LineageEdge {
    /// The relations behind it, the surest first.
    pub relations: Vec<EdgeRelation>,
    /// The hidden steps that it bridges, in the order that data flows.
    pub through: Vec<Named>,
    /// The edges that it stands for, where an end stands for many: the first of them.
    pub between: Vec<StoodFor>,
    /// How many edges it stands for: 1, or those between the members of its ends.
    pub stands_for: u32,
}

/// An edge between two members of what stands for many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct StoodFor {
    /// Its source.
    pub from: Named,
    /// Its target.
    pub to: Named,
}

/// One relation behind an edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EdgeRelation {
    /// The relation.
    pub relation: RelationKey,
    /// Nobody declared it.
    pub inferred: bool,
    /// What a person said of it.
    pub verdict: Option<Verdict>,
    /// No longer seen.
    pub removed: bool,
    /// Who said so, the latest first.
    pub evidence: Vec<EvidenceRow>,
}

/// One source's word on a relation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EvidenceRow {
    /// The import or connection that it came through.
    pub source: String,
    /// How it was known (`declared`, `sql_parsed`, `name_matched`, ...).
    pub method: String,
    /// What fits, where it was found because two things fit: `content hash`, `file name is the table's`.
    pub matched_by: Option<String>,
    /// From 0 to 1.
    pub confidence: f64,
    /// When it was first said, in ms since 1970.
    #[ts(type = "number | null")]
    pub first_seen: Option<i64>,
    /// When it was last said, in ms since 1970.
    #[ts(type = "number | null")]
    pub last_seen: Option<i64>,
    /// The job that it was seen in.
    pub job: Option<Named>,
    /// The run that it was seen in.
    pub run: Option<Named>,
    /// The statement that it was read from.
    pub sql: Option<String>,
}

/// A person's word on an inferred relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EvidenceVerdictArgs {
    /// The relation.
    pub relation: RelationKey,
    /// The word; none takes an earlier one back.
    pub verdict: Option<Verdict>,
}

/// Asks for a page of a group's members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LineageGroupArgs {
    /// The view that the group is in.
    pub view: LineageArgs,
    /// The group node's id.
    pub group: EntityId,
    /// The page, from 0.
    pub page: u32,
    /// Part of the name or qualified name; empty for all.
    pub filter: String,
}

/// A page of a group's members.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LineageGroup {
    /// Members that match the filter.
    pub matching: u32,
    /// All members.
    pub members: u32,
    /// Members on one page.
    pub page_size: u32,
    /// The page, by name.
    pub rows: Vec<GroupMember>,
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupMember {
    /// Its id.
    pub id: EntityId,
    /// Its kind.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What the outside world calls it.
    pub qualified_name: String,
}
