import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { answer, emptyWorld, makeWorld, type World } from "./world";

/** Puts a world where Rust would be. `pick` answers the dialogs of the system. */
export function mockDesktop(
  world: World = makeWorld(),
  pick: () => string | null = () => "/home/ada/events.ndjson",
): World {
  mockWindows("main");
  mockIPC(
    (command, payload) => {
      if (command === "use_case") {
        const { name, args } = payload as { name: string; args: unknown };
        return answer(world, name, args);
      }
      if (command.startsWith("plugin:dialog|")) return pick();
      return null;
    },
    { shouldMockEvents: true },
  );
  return world;
}

/** The worlds of development builds: a full one, an empty catalog, and the first launch. */
export function worldNamed(name: string | null): World {
  if (name === "empty") return emptyWorld();
  if (name !== "none") return makeWorld();
  const world = emptyWorld();
  world.info = { ...world.info, path: null };
  return world;
}
