import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// `npx vite build -c src/lineage/bench.config.ts` writes the bench to target/ui-bench; it is no part of the app.
export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [react()],
  build: {
    outDir: here("../../../target/ui-bench"),
    emptyOutDir: true,
    target: "safari16",
    rollupOptions: { input: here("./bench.html") },
  },
});
