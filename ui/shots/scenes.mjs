/** What is photographed: the tabs that are open, and what a person then does. */
const id = (index) => {
  const hex = (index + 4096).toString(16);
  return `0192f3c4-${hex}-7a31-9c55-5d2e8f10${hex}`;
};
const mart = id(5);

export const scenes = [
  { name: "welcome", routes: ["/search"], world: "none" },
  { name: "empty", routes: ["/search"], world: "empty" },
  { name: "search", routes: [`/entity/${mart}`, "/search?text=depart", "/changes"], active: 1, act: peekFirst },
  {
    name: "search-table",
    routes: ["/search?text=&as=table"],
    act: (page) => page.locator("[data-results] [role=grid]").focus(),
  },
  { name: "search-none", routes: ["/search?text=zzzz&kinds=model"] },
  { name: "entity", routes: ["/search?text=depart", `/entity/${mart}`], active: 1 },
  { name: "entity-schema", routes: [`/entity/${mart}?tab=schema`], act: peekFirst },
  {
    name: "entity-relations",
    routes: [`/entity/${mart}?tab=relations`],
    act: (page) => page.locator("[role=grid]").first().focus(),
  },
  { name: "entity-facets", routes: [`/entity/${mart}?tab=facets`] },
  { name: "entity-history", routes: [`/entity/${mart}?tab=history`] },
  { name: "entity-missing", routes: ["/entity/0192f3c4-ffff"] },
  { name: "lineage", routes: [`/lineage?focus=${mart}`] },
  { name: "changes", routes: ["/changes?operation=op-5"] },
  { name: "connections", routes: ["/connections?job=job-2"] },
  { name: "receivers", routes: ["/connections"], act: receiverOn, tall: true },
  { name: "systems", routes: ["/connections"], act: systemTested, tall: true },
  { name: "palette", routes: ["/search"], act: palette },
  { name: "shortcuts", routes: ["/changes"], act: (page) => page.keyboard.press("?") },
  { name: "tray", routes: ["/changes"], act: (page) => page.locator(".status button").last().click() },
  { name: "gallery", routes: ["/gallery"], tall: true },
];

async function peekFirst(page) {
  await page.locator("[data-results] [role=option], [role=grid] [role=row]").nth(1).click();
  await page.keyboard.press("Space");
}
async function palette(page) {
  await page.keyboard.press("Control+k");
  await page.locator(".palette-input").fill("delay");
  await page.waitForTimeout(200);
}

async function systemTested(page) {
  await page.getByRole("button", { name: "Connect a system" }).click();
  await page.getByRole("combobox", { name: "System" }).selectOption("postgres");
  await page.getByRole("textbox", { name: "Address" }).fill("postgres://127.0.0.1:5432/shop");
  await page.getByLabel("Password").fill("x");
  await page.getByRole("region", { name: "New connection" }).getByRole("button", { name: "Test" }).click();
  await page.getByRole("button", { name: "Remove rag-store" }).click();
}

async function receiverOn(page) {
  await page.locator(".switch").first().click();
  await page.getByRole("tab", { name: "dbt" }).first().focus();
}
