// What the lineage asks of Rust: the generated client's shapes, and a view's frame read from its bytes.

import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type LineageArgs, type LineageEdge, type LineageGroup, type LineageTable, lineage_view } from "../api/client";
import { keyOf, useRead } from "../shared/query";
import { decodeFrame, type Frame, type TooLarge } from "./frame";

export type {
  Direction,
  EdgeRelation,
  EvidenceRow,
  Expanded,
  Hidden,
  LineageArgs,
  LineageEdge,
  LineageGroup,
  LineageRow,
  LineageTable,
  NodeSide as Side,
  OpenGroup,
  Place,
  Verdict,
  ViewBand,
} from "../api/client";

/** Frames of large views are megabytes: they are kept for going back, but not for long. */
const KEPT_MS = 60_000;

/** Stands for the arguments of a query that isn't asked. */
const NOTHING = {} as LineageArgs;

/** `place` says where things are on screen; it is asked for at the last moment and is no part of what is asked. */
export function useLineageView(
  args: LineageArgs | null,
  place: () => Pick<LineageArgs, "anchor" | "previous">,
): UseQueryResult<Frame | TooLarge, Error> {
  return useQuery({
    queryKey: keyOf("lineage_view", args ?? NOTHING),
    queryFn: async () => decodeFrame(await lineage_view({ ...(args ?? NOTHING), ...place() })),
    enabled: args !== null,
    structuralSharing: false,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });
}

export const useLineageTable = (args: LineageArgs): UseQueryResult<LineageTable, Error> =>
  useRead("lineage_table", args, { keepPrevious: true });

/** `view`: where the edge is drawn, which says what an end that stands for many stands for. */
export const useLineageEdge = (ends: {
  from: string;
  to: string;
  view: LineageArgs;
}): UseQueryResult<LineageEdge, Error> => useRead("lineage_edge", ends);

export const useLineageGroup = (
  view: LineageArgs,
  group: string,
  page: number,
  filter: string,
): UseQueryResult<LineageGroup, Error> =>
  useRead("lineage_group", { view, group, page, filter }, { keepPrevious: true });
