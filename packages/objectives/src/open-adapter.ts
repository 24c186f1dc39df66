import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Adapter, builtInAdapters, type NamedAdapter, namedAdapter } from "@propria/adapters";
import { PropriaError } from "@propria/base";
import { shownPath } from "./error-place.ts";
import { EXTENSIONS, importFile, isFile, isRecord, KEBAB, ownFile } from "./load-objective.ts";
import { ownAdapter } from "./own-adapter.ts";

/**
 * An adapter by name, as `namedAdapter` of @propria/adapters takes it, or from a TypeScript or JavaScript file anywhere on disk, which is loaded
 * and run as an objective's file is.
 *
 * @throws {PropriaError} `ADAPTER_NAME` for a name that there is not; `ADAPTER_FILE` for a file that is not there, does not load, or whose default
 *   export is no adapter. Its members throw `ADAPTER_MEMBER`.
 */
export async function openAdapter(nameOrFile: string): Promise<NamedAdapter> {
  if (!isFile(nameOrFile)) return namedAdapter(nameOrFile);
  const path = resolve(nameOrFile);
  if (!existsSync(path))
    throw new PropriaError("ADAPTER_FILE", "no such file", {
      at: nameOrFile,
      mend: `a file ending in ${EXTENSIONS.join(", ")}, or one of ${builtInAdapters().join(", ")}`,
    });
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  const own = await ownFile(path, "adapter");
  const adapter = ownAdapter(checkedAdapter(await importFile(own, "ADAPTER_FILE"), path), own);
  return { adapter, options: {}, file: { path, sha256 } };
}

const WHOLE = ["sites", "parameters", "attach"] as const;

function checkedAdapter(module: unknown, path: string): Adapter {
  const found = isRecord(module) ? module.default : undefined;
  const refuse = (what: string, mend = "write: export default defineAdapter({ … })"): never => {
    throw new PropriaError("ADAPTER_FILE", what, { at: shownPath(path), mend });
  };
  if (!isRecord(found)) return refuse("exports no adapter as its default");
  const members = found.parts === undefined ? WHOLE : (["parts"] as const);
  const lacking = ["name", "options", ...members].filter((member) => found[member] === undefined);
  if (lacking.length > 0) refuse(`the default export is no adapter: it lacks ${lacking.join(", ")}`);
  for (const member of members)
    if (typeof found[member] !== "function") refuse(`${member}: expected a function`, `write: ${member}(…) { … }`);
  if (typeof found.name !== "string" || !KEBAB.test(found.name))
    refuse("name: expected a word in kebab-case", 'write: name: "my-adapter"');
  if (!isRecord(found.options) || !isRecord(found.options.shape))
    refuse("options: expected a zod object", "write: options: z.object({ … })");
  return found as unknown as Adapter;
}
