import { defineConfig } from "vitest/config";

/** What needs more than npm installs: run by `npm run test:engines`, beside `npm test`. */
export default defineConfig({
  test: {
    include: ["test-engines/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
