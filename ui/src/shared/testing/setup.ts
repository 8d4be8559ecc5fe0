import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { mockCanvas } from "./canvas";

// The test DOM has no layout; a virtualised list shows nothing in a box without size.
Object.defineProperties(HTMLElement.prototype, {
  clientWidth: { configurable: true, get: () => 1200 },
  clientHeight: { configurable: true, get: () => 800 },
});

// A machine that builds other things beside the tests is slow; what never comes still fails.
configure({ asyncUtilTimeout: 8000 });

mockCanvas();

beforeEach(() => {
  localStorage.clear();
});

afterEach(cleanup);
