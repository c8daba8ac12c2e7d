import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.OMAKASE_URL ?? "http://127.0.0.1:7777";
// The server answers its own page only: the proxy speaks in that page's name.
const proxy = { "/api": { target: server, changeOrigin: true, headers: { Origin: server } } };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2023",
    // The content security policy allows fonts and images from the server only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy },
  preview: { proxy },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/test_setup.ts"] },
});
