import type {
  DeadLetters,
  DeadLetterView,
  ReceiverStarted,
  ReceiversView,
  ReceiverToken,
  ReceiverView,
  Replayed,
} from "../../../api/client";

const token = "5f0c".repeat(16);

export const letter = (change: Partial<DeadLetterView> = {}): DeadLetterView => ({
  id: 1,
  protocol: "openlineage",
  first_at: "2026-11-24T11:00:00Z",
  last_at: "2026-11-24T11:58:00Z",
  times: 3,
  where: "event 4",
  why: "$.eventTime: it is missing: have the source send it",
  bytes: 214,
  head: '{"eventType":"COMPLETE"}',
  whole: true,
  ...change,
});

const off = (): ReceiverView => ({
  protocol: "openlineage",
  title: "OpenLineage",
  address: null,
  port: 5000,
  problem: null,
  seen: null,
  letters: 0,
  snippets: [
    { client: "Python", into: "the script", text: 'OpenLineageClient(url="http://127.0.0.1:5000", key="{token}")' },
    { client: "dbt", into: "the shell", text: "export OPENLINEAGE_API_KEY={token}" },
    { client: "Airflow", into: "airflow.cfg", text: 'transport = {"apiKey": "{token}"}' },
  ],
});

interface Receiving {
  receiver: ReceiverView;
  letters: DeadLetterView[];
  token: string;
  /** A port that another program has. */
  taken: number | null;
}

/** Receivers that switch on and off, with letters that can be replayed and discarded. */
export function receiverAnswers(change: Partial<Receiving> = {}): Record<string, (args: never) => unknown> {
  const state: Receiving = { receiver: off(), letters: [], token, taken: null, ...change };
  const without = (ids: number[]): void => {
    state.letters = state.letters.filter(({ id }) => !ids.includes(id));
  };
  return {
    receivers: (): ReceiversView => ({
      receivers: [{ ...state.receiver, letters: state.letters.length }],
      letters_dropped: 0,
      token_file: "/home/ada/.local/share/catena/receiver-token",
    }),
    receiver_start: ({ port }: { port: number | null }): ReceiverStarted => {
      const wanted = port ?? state.receiver.port;
      if (wanted === state.taken) return { address: null, taken: { port: wanted, free: wanted + 1 } };
      const seen = { accepted: 0, rejected: 0, refused: 0, last_at: null, problem: null, problem_at: null };
      const address = `http://127.0.0.1:${wanted}`;
      state.receiver = { ...state.receiver, address, port: wanted, seen: { ...seen, rate: Array(60).fill(0) } };
      return { address, taken: null };
    },
    receiver_stop: () => {
      state.receiver = { ...state.receiver, address: null, seen: null };
      return {};
    },
    receiver_token: (): ReceiverToken => ({ token: state.token, kept_in: "/home/ada/receiver-token" }),
    receiver_token_renew: (): ReceiverToken => {
      state.token = "a1b2".repeat(16);
      return { token: state.token, kept_in: "/home/ada/receiver-token" };
    },
    dead_letters: (): DeadLetters => ({ letters: state.letters, total: state.letters.length }),
    dead_letter_replay: ({ ids }: { ids: number[] }): Replayed => {
      const still = state.letters.filter(({ id, why }) => ids.includes(id) && why.startsWith("still"));
      without(ids.filter((id) => !still.some((one) => one.id === id)));
      return { taken: ids.length - still.length, rejected: still };
    },
    dead_letter_discard: ({ ids }: { ids: number[] }) => {
      without(ids);
      return {};
    },
  };
}
