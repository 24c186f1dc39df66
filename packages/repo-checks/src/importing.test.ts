import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageFolders, root } from "./workspaces.ts";

/** Imports a package and says which native or optional libraries that alone has loaded, and whether anything stays open when Node's loader has closed the module's file. */
const probe = (importing: string) => `
  ${importing}.then(() => new Promise((resolve) => setTimeout(resolve, 20))).then(() => {
    const native = Object.keys(require("node:module")._cache ?? {}).filter((file) => file.endsWith(".node"));
    const handles = process.getActiveResourcesInfo().filter((name) => !["PipeWrap", "TTYWrap"].includes(name));
    process.stdout.write(JSON.stringify({ native, handles }));
  });`;

describe("importing a package", () => {
  it.each(packageFolders())("does nothing else: %s", (name) => {
    const path = (file: string) => JSON.stringify(join(root, "packages", name, "dist", file));
    for (const importing of [`import(${path("index.js")})`, `Promise.resolve(require(${path("index.cjs")}))`]) {
      const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", probe(importing)], { encoding: "utf8" });
      expect({ stdout, stderr, status }).toEqual({ stdout: '{"native":[],"handles":[]}', stderr: "", status: 0 });
    }
  });
});
