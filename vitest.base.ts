import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@propria/source", "module", "node", "import", "default"];
/** Real collections, for the tests that read some; those skip where there are none. */
const data = process.env.PROPRIA_DATA ?? fileURLToPath(new URL("../shared/data", import.meta.url));
const slow = process.env.PROPRIA_SLOW === "1";

/** Packages whose test files run one after the other in a process: loading TensorFlow.js anew for each is half of their time. */
const SHARING = ["engine", "transformer-core"];

/** One package's tests: its own sources and those of the packages before it, no build needed (worker threads use the build). */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["node", "import", "default"] } },
  test: {
    include: slow ? ["**/*.slow.test.ts"] : ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", ...(slow ? [] : ["**/*.slow.test.ts"])],
    env: { PROPRIA_DATA: data },
    testTimeout: slow ? 600_000 : 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    isolate: !SHARING.includes(basename(process.cwd())),
    passWithNoTests: slow,
  },
});
