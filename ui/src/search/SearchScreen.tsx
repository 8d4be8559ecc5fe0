import { List, SearchX, Table2 } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { Button, IconButton } from "../shared/Button";
import { SearchInput } from "../shared/Field";
import { count, duration } from "../shared/format";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { useReadPages } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { FacetList } from "./FacetList";
import { HitList } from "./HitList";
import { HitTable } from "./HitTable";
import { anyChosen, argsOf, chosenIn, facetFields, pageSize } from "./query";
import { SavedViews } from "./SavedViews";
import "./search.css";

/** A text that reads as the whole name of something, rather than as words. */
const isPath = (text: string): boolean => /[./]/.test(text) && !/\s/.test(text.trim());

export function SearchScreen() {
  const [query, setQuery] = useLinkState();
  const text = word(query.text);
  const chosen = chosenIn(query);
  const asTable = word(query.as) === "table";
  usePlace(text ? `Search: ${text}` : "Search");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const first = useMemo(() => argsOf(query), [query]);
  const pages = useReadPages("search", first, {
    next: (all) => {
      const here = all.reduce((sum, page) => sum + page.hits.length, 0);
      return here < (all[0]?.total ?? 0) && here > 0 ? { ...first, limit: pageSize, offset: here } : null;
    },
  });
  const hits = useMemo(() => pages.data?.pages.flatMap((page) => page.hits) ?? [], [pages.data]);
  const head = pages.data?.pages[0];
  const clear = (): void => setQuery(Object.fromEntries(facetFields.map((field) => [field, []])), { push: true });
  const onEnd = (): void => {
    if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
  };

  return (
    <>
      <div className="screen-head">
        <div className="search-box">
          <SearchInput
            label="Search"
            large
            inputRef={input}
            placeholder="Name, column, description, or a dotted name such as raw.orders"
            value={text}
            onChange={(value) => setQuery({ text: value })}
            onKeyDown={(event) => {
              if (event.key !== "ArrowDown") return;
              event.preventDefault();
              document.querySelector<HTMLElement>("[data-results] [tabindex='0']")?.focus();
            }}
          />
        </div>
        <output className="search-count">
          {head && (
            <>
              <span className="strong">{count(head.total)}</span> {head.total === 1 ? "result" : "results"}{" "}
              <span className="faint">in {duration(head.took_ms)}</span>
            </>
          )}
        </output>
        <span className="spacer" />
        <SavedViews />
        <IconButton icon={List} label="As a list" pressed={!asTable} onPress={() => setQuery({ as: "" })} />
        <IconButton icon={Table2} label="As a table" pressed={asTable} onPress={() => setQuery({ as: "table" })} />
      </div>
      <div className="screen-body">
        <FacetList facets={head?.facets ?? []} chosen={chosen} onChange={(patch) => setQuery(patch, { push: true })} />
        <div className="search-results" data-results>
          {pages.error && !head && (
            <ErrorPanel what="The search did not work" error={pages.error} onRetry={() => void pages.refetch()} />
          )}
          {pages.isPending && <Skeleton rows={14} label="Searching" />}
          {head && hits.length === 0 && (
            <Empty
              icon={SearchX}
              title={text ? `Nothing found for “${text}”` : "Nothing here"}
              actions={anyChosen(chosen) && <Button onPress={clear}>Clear filters</Button>}
            >
              {anyChosen(chosen) ? "The filters leave nothing over." : "Try fewer letters, or another word for it."}
            </Empty>
          )}
          {head && hits.length > 0 && !head.exact && isPath(text) && (
            <p className="search-near" role="status">
              Nothing is called “<SafeText>{text.trim()}</SafeText>”. These come near:
            </p>
          )}
          {hits.length > 0 &&
            (asTable ? (
              <HitTable hits={hits} onEnd={onEnd} />
            ) : (
              <HitList hits={hits} total={head?.total ?? hits.length} onEnd={onEnd} />
            ))}
        </div>
      </div>
    </>
  );
}
