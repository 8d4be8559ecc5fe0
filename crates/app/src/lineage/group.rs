//! The members of what stands for many, page by page.

use catena_graph::NodeIx;
use catena_model::id::EntityId;

use super::{
    lens::Lens,
    names,
    sketch::{self, Focus, count},
    system,
    view::{GroupMember, LineageArgs, LineageGroup, LineageGroupArgs, ViewBand},
    walk::{PAGE, Scope, Stop},
};
use crate::{AppError, error::Trouble};

/// A page of a group's members.
pub(super) fn page(
    lens: &Lens<'_>,
    focus: &Focus,
    args: &LineageGroupArgs,
    stop: Stop<'_>,
) -> Result<LineageGroup, AppError> {
    let members = members(lens, focus, args, stop)?.ok_or_else(gone)?;
    let matching = names::matching(lens, &members, &args.filter, stop)?;
    let skip = usize::try_from(args.page).unwrap_or(usize::MAX).saturating_mul(PAGE);
    Ok(LineageGroup {
        matching: count(matching.len()),
        members: count(members.len()),
        page_size: count(PAGE),
        rows: matching
            .into_iter()
            .skip(skip)
            .take(PAGE)
            .map(|called| GroupMember {
                id: called.id,
                kind: called.kind.word().to_owned(),
                qualified_name: called.qualified_text(),
                name: called.name,
            })
            .collect(),
    })
}

fn gone() -> AppError {
    AppError::new(Trouble::NotFound, "the group is no longer in this view: the lineage changed; look again")
}

fn members(
    lens: &Lens<'_>,
    focus: &Focus,
    args: &LineageGroupArgs,
    stop: Stop<'_>,
) -> Result<Option<Vec<NodeIx>>, AppError> {
    let scope = sketch::scope(lens, focus, &args.view, stop)?;
    of_group(lens, &scope, &args.view, args.group, stop)
}

/// All members of a group, also those that are on an open page.
fn of_group(
    lens: &Lens<'_>,
    scope: &Scope,
    view: &LineageArgs,
    group: EntityId,
    stop: Stop<'_>,
) -> Result<Option<Vec<NodeIx>>, AppError> {
    if view.band == ViewBand::System {
        let places = system::places(lens, scope, stop)?;
        return Ok(places.into_iter().find(|(place, _)| place.id() == group).map(|(_, nodes)| nodes));
    }
    Ok(scope.folds.iter().find(|fold| fold.id == group).map(|fold| fold.all.clone()))
}

/// What the ends of an edge stand for in a view: the members of a group, or a node itself.
pub(super) fn ends(
    lens: &Lens<'_>,
    focus: &Focus,
    view: &LineageArgs,
    ends: [(EntityId, Option<NodeIx>); 2],
    stop: Stop<'_>,
) -> Result<[Vec<NodeIx>; 2], AppError> {
    let scope = sketch::scope(lens, focus, view, stop)?;
    let [from, to] = ends.map(|(id, node)| match node {
        Some(node) => Ok(vec![node]),
        None => of_group(lens, &scope, view, id, stop)?.ok_or_else(gone),
    });
    Ok([from?, to?])
}
