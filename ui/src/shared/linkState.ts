import { useLocation, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { type Query, readQuery, writeQuery } from "./links";

interface SetOptions {
  /** Adds a step to the history instead of replacing the present one. */
  push?: boolean;
}
export type SetLinkState = (patch: Record<string, unknown>, options?: SetOptions) => void;

/** The state of a screen, kept in its link: reading it and changing it. An empty value leaves the link. */
export function useLinkState(): [Query, SetLinkState] {
  const router = useRouter();
  const searchText = useLocation({ select: (location) => location.searchStr });
  const query = useMemo(() => readQuery(searchText), [searchText]);
  const set = useCallback<SetLinkState>(
    (patch, { push = false } = {}) => {
      const { pathname, search } = router.history.location;
      const route = pathname + writeQuery({ ...readQuery(search), ...patch });
      if (route === pathname + search) return;
      if (push) router.history.push(route);
      else router.history.replace(route);
    },
    [router],
  );
  return [query, set];
}
