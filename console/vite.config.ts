import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where the service listens while `npm run dev` serves the page. */
const service = process.env["SWITCHBOARD_URL"] ?? "http://localhost:7860";

export default defineConfig({
  plugins: [react()],
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
