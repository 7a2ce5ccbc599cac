import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Where the service listens while `npm run dev` serves the page. */
const service = process.env["SWITCHBOARD_URL"] ?? "http://localhost:7860";

/** Puts a compressed copy beside each file that gains by it: the service sends it as it is. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    // Once they are written: until then other plugins still change them.
    writeBundle({ dir = "dist" }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => /\.(js|css)$/.test(each))) {
        const plain = readFileSync(join(dir, name));
        const small = gzipSync(plain, { level: 9 });
        if (small.length < 0.9 * plain.length) writeFileSync(join(dir, `${name}.gz`), small);
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), packed()],
  resolve: {
    alias: {
      // The transports carry Daily's SDK for a media manager that fetches code from a CDN at
      // run time. We bring our own (src/media), so it stays out of the bundle.
      "@daily-co/daily-js": fileURLToPath(new URL("src/media/noDaily.ts", import.meta.url)),
    },
  },
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      "/api": service,
      "/ws": { target: service, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
