//! The members of what stands for many, page by page.

use catena_graph::NodeIx;
use catena_model::id::EntityId;

use super::{
    lens::Lens,
    names,
    sketch::{self, Focus, count},
    system,
    view::{GroupMember, LineageGroup, LineageGroupArgs, ViewBand},
    walk::{PAGE, Stop},
};
use crate::{AppError, error::Trouble};

/// A page of a group's members.
pub(super) fn page(
    lens: &Lens<'_>,
    focus: &Focus,
    args: &LineageGroupArgs,
    stop: Stop<'_>,
) -> Result<LineageGroup, AppError> {
    let members = members(lens, focus, args, stop)?.ok_or_else(|| {
        AppError::new(
            Trouble::NotFound,
            "the group is no longer in this view: the lineage changed; look again",
        )
    })?;
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

fn members(
    lens: &Lens<'_>,
    focus: &Focus,
    args: &LineageGroupArgs,
    stop: Stop<'_>,
) -> Result<Option<Vec<NodeIx>>, AppError> {
    let scope = sketch::scope(lens, focus, &args.view, stop)?;
    let is_group = |id: EntityId| id == args.group;
    if args.view.band == ViewBand::System {
        let places = system::places(lens, &scope, stop)?;
        return Ok(places.into_iter().find(|(place, _)| is_group(place.id())).map(|(_, nodes)| nodes));
    }
    Ok(scope.folds.into_iter().find(|fold| is_group(fold.id)).map(|fold| fold.all))
}
