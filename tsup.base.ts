import { defineConfig, type Options } from "tsup";

/** The build of a published package: ESM and CommonJS, one pair of files for each entry. `--dts-only` adds the types. */
export const library = (entry: Record<string, string> = { index: "src/index.ts" }, more: Options = {}) =>
  defineConfig({ entry, format: ["esm", "cjs"], target: "node20", sourcemap: true, shims: true, ...more });

/** The build of a program: ESM only, its commands in files of their own so that they load when called. */
export const program = (entry: Record<string, string>, more: Options = {}) =>
  defineConfig({ entry, format: ["esm"], target: "node20", sourcemap: true, splitting: true, ...more });
