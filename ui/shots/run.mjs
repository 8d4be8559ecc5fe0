/*
 * Photographs every screen in light and dark and in two sizes, from the development build with its world in memory,
 * and lets axe look for what keeps people out.
 * Usage: npm run shots -- [scene ...] ; the pictures land in shots/out. Set CHROMIUM to use another browser.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { scenes } from "./scenes.mjs";

const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Prints what axe finds wrong and returns how much that is. */
async function report(name, theme, page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }),
  );
  for (const { id, help, nodes } of found.violations) {
    console.error(`${name} (${theme}): ${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }
  return found.violations.length;
}

const only = process.argv.slice(2);
const out = new URL("./out/", import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const server = await createServer({
  root: new URL("..", import.meta.url).pathname,
  server: { port: 0, strictPort: false, hmr: false },
  logLevel: "error",
});
await server.listen();
const address = server.resolvedUrls.local[0];
const profile = mkdtempSync(join(tmpdir(), "shots-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
let problems = 0;
try {
  for (const scene of scenes.filter(({ name }) => only.length === 0 || only.includes(name))) {
    for (const [width, height] of [
      [1280, 800],
      [2560, 1440],
    ]) {
      for (const theme of ["light", "dark"]) {
        const page = await browser.newPage();
        page.on("pageerror", (error) => {
          problems += 1;
          console.error(`${scene.name}: ${error.message}`);
        });
        page.on(
          "console",
          (message) => message.type() === "error" && console.error(`${scene.name}: ${message.text()}`),
        );
        await page.setViewportSize({ width, height: scene.tall ? 2400 : height });
        await page.addInitScript(
          ({ routes, active, theme, world }) => {
            localStorage.clear();
            localStorage.setItem("catena.theme", JSON.stringify(theme));
            localStorage.setItem("catena.tabs", JSON.stringify({ routes, active }));
            sessionStorage.setItem("catena.world", world);
          },
          { routes: scene.routes, active: scene.active ?? 0, theme, world: scene.world ?? "full" },
        );
        await page.goto(address);
        await page.waitForSelector(".main");
        await page.waitForTimeout(400);
        await scene.act?.(page);
        await page.waitForTimeout(250);
        if (width === 1280) problems += await report(scene.name, theme, page);
        await page.screenshot({ path: join(out, `${scene.name}-${width}-${theme}.png`) });
        await page.close();
      }
    }
    console.log(scene.name);
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(problems > 0 ? 1 : 0);
