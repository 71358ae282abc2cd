import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Against tests that hang, not for speed: a loaded machine takes several times as long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    coverage: { include: ["src/**/*.ts"], reporter: ["text-summary"] },
  },
});
