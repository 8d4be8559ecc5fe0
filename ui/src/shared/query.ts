import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { listen } from "@tauri-apps/api/event";
import { useMemo } from "react";
import type { Job } from "../api/client";
import * as client from "../api/client";

type Api = typeof client;
export type UseCaseName = client.UseCaseName;
type Fn<N extends UseCaseName> = Api[N] extends (...args: infer A) => Promise<infer R>
  ? { args: A extends [infer One] ? One : undefined; reply: R }
  : never;
export type Args<N extends UseCaseName> = Fn<N>["args"];
export type Reply<N extends UseCaseName> = Fn<N>["reply"];

type Key = readonly [topic: string, name: UseCaseName, args: unknown];

const declared = (name: UseCaseName): { provides: readonly string[]; invalidates: readonly string[] } =>
  client.useCases[name];

export const keyOf = <N extends UseCaseName>(name: N, args: Args<N>): Key => [
  declared(name).provides[0] ?? "none",
  name,
  args ?? null,
];

export function call<N extends UseCaseName>(name: N, args: Args<N>): Promise<Reply<N>> {
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: every use case is called by its name
  const run = client[name] as unknown as (args: Args<N>) => Promise<Reply<N>>;
  return run(args);
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // Nothing goes stale by time: Rust says what changed. A local call that failed once will fail again.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** Makes exactly the queries stale whose use case provides one of the topics; `*` is every topic. */
export function refresh(queries: QueryClient, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return Promise.resolve();
  const all = topics.includes("*");
  return queries.invalidateQueries({
    predicate: ({ queryKey }) => {
      const name = queryKey[1] as UseCaseName;
      return name in client.useCases && (all || declared(name).provides.some((topic) => topics.includes(topic)));
    },
  });
}

interface ReadOptions {
  enabled?: boolean;
  /** Keeps showing the last answer while the next is on its way, as typing in a search field wants. */
  keepPrevious?: boolean;
}

/** Reads a use case and stays fresh: the one way a component gets data. */
export function useRead<N extends UseCaseName>(
  name: N,
  args: Args<N>,
  { enabled = true, keepPrevious = false }: ReadOptions = {},
): UseQueryResult<Reply<N>, Error> {
  return useQuery({
    queryKey: keyOf(name, args),
    queryFn: () => call(name, args),
    enabled,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  }) as UseQueryResult<Reply<N>, Error>;
}

interface Paging<N extends UseCaseName> {
  /** The arguments of the page after the ones that are here, or null when there is none. */
  next(pages: Reply<N>[]): Args<N> | null;
}

/** Reads a use case page by page, for lists that grow as a person scrolls. */
export function useReadPages<N extends UseCaseName>(
  name: N,
  first: Args<N>,
  { next }: Paging<N>,
): UseInfiniteQueryResult<InfiniteData<Reply<N>>, Error> {
  return useInfiniteQuery({
    queryKey: [...keyOf(name, first), "pages"],
    queryFn: ({ pageParam }) => call(name, pageParam as Args<N>),
    initialPageParam: first as unknown,
    getNextPageParam: (_last: Reply<N>, pages: Reply<N>[]) => next(pages),
    placeholderData: keepPreviousData,
  }) as UseInfiniteQueryResult<InfiniteData<Reply<N>>, Error>;
}

/** Runs a use case that changes something, then refreshes what it declares stale. */
export async function act<N extends UseCaseName>(queries: QueryClient, name: N, args: Args<N>): Promise<Reply<N>> {
  const reply = await call(name, args);
  await refresh(queries, declared(name).invalidates);
  return reply;
}

/** The same, for a component that shows the call's state. */
export function useAct<N extends UseCaseName>(name: N): UseMutationResult<Reply<N>, Error, Args<N>> {
  const queries = useQueryClient();
  return useMutation<Reply<N>, Error, Args<N>>({
    mutationFn: (args) => act(queries, name, args),
  });
}

export interface CatenaEvent {
  invalidates?: string[];
  job?: Job;
}

/** Follows what Rust says happened: changes by other windows and receivers, and the progress of jobs. */
export function followEvents(queries: QueryClient): Promise<() => void> {
  return listen<CatenaEvent>("catena://event", ({ payload }) => {
    if (payload.job) applyJob(queries, payload.job);
    if (payload.invalidates) void refresh(queries, payload.invalidates);
  });
}

function applyJob(queries: QueryClient, job: Job): void {
  queries.setQueryData<Job[]>(keyOf("jobs", undefined), (now = []) =>
    now.some((known) => known.id === job.id) ? now.map((known) => (known.id === job.id ? job : known)) : [job, ...now],
  );
}

/** What went wrong, in words, whatever was thrown. */
export function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  if (error instanceof Error) return error.message;
  if (error && typeof error === "object" && "message" in error) return String(error.message);
  return JSON.stringify(error);
}

/** What sort of trouble Rust reported, such as `not_found`, `read_only` or `refused`. */
export const troubleOf = (error: unknown): string | null =>
  error && typeof error === "object" && "trouble" in error ? String(error.trouble) : null;

export function useRefresh(): (topics: readonly string[]) => Promise<void> {
  const queries = useQueryClient();
  return useMemo(() => (topics) => refresh(queries, topics), [queries]);
}
