import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { mustBeNew } from "./output.ts";

const folder = mkdtempSync(join(tmpdir(), "output-"));
const file = join(folder, "there.run");
writeFileSync(file, "");
afterAll(() => rmSync(folder, { recursive: true }));

it("takes a new name, also in folders that come into being with it", () => {
  expect(() => mustBeNew(join(folder, "new.run"))).not.toThrow();
  expect(() => mustBeNew(join(folder, "a/b/new.run"))).not.toThrow();
});

it.each([
  ["what is there", file, `${file}: exists already (name another --out, or remove it first)`],
  ["a folder that is a file", join(file, "a/b"), `${file}/a/b: ${file} is no folder (name another --out)`],
])("refuses %s", (_, path, message) => {
  expect(() => mustBeNew(path)).toThrow(message);
});

it.skipIf(process.getuid?.() === 0)("refuses a folder that may not be written", () => {
  const locked = join(folder, "locked");
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  expect(() => mustBeNew(join(locked, "new.run"))).toThrow(expect.objectContaining({ code: "EACCES", path: locked }));
});
