import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countParameters, lora } from "@propria/adapters";
import { namedConfig } from "@propria/transformer-core";
import { afterAll, describe, expect, it } from "vitest";
import { openAdapter } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-adapter-")); // outside any node_modules
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(fileURLToPath(new URL("../../../docs/write-an-adapter.md", import.meta.url)), "utf8");
const [example] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe("openAdapter", () => {
  it("gives a built-in by name", async () => {
    expect((await openAdapter("lora@0.5%")).adapter).toBe(lora);
    await expect(openAdapter("lorra")).rejects.toMatchObject({ code: "ADAPTER_NAME" });
  });

  it("loads the file of docs/write-an-adapter.md", async () => {
    const { adapter, file } = await openAdapter(write("scaling.ts", example!));
    expect(countParameters(namedConfig("tiny", { vocabSize: 100 }), adapter).weights).toBe(2 * (128 + 128 + 512));
    expect(file).toEqual({ path: join(folder, "scaling.ts"), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it.each([
    ["", "exports no adapter as its default (write: export default defineAdapter({ … }))"],
    ["export default { name: 'x' }", "it lacks options, sites, parameters, attach"],
    ["export default { name: 'x', options: {}, parts: [] }", "parts: expected a function"],
    ["export default { name: 'X', options: {}, parts() {} }", "name: expected a word in kebab-case"],
    ["export default { name: 'x', options: {}, parts() {} }", "options: expected a zod object"],
    ["export default nothing();", "does not load: nothing is not defined"],
  ])("says what is wrong with %j", async (text, message) => {
    await expect(openAdapter(write("wrong.ts", text))).rejects.toMatchObject({
      code: "ADAPTER_FILE",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["parts: () => 3", "in parts of x: gives 3 (write: parts:"],
    ["sites: () => ({ linear: '*' }), parameters() {}, attach() {}", "in sites of x: linear is a string, not a list"],
    [
      "sites: () => ({ stack: ['*'] }), parameters: () => nothing, attach() {}",
      "in parameters of x for stack at bert.encoder: nothing is not defined",
    ],
  ])("tells a mistake of a member with the adapter and the site: %s", async (members, message) => {
    const text = `import { z } from "zod"; export default { name: "x", options: z.object({}), ${members} };`;
    const { adapter } = await openAdapter(write("mistaken.ts", text));
    expect(() => countParameters(namedConfig("tiny", { vocabSize: 100 }), adapter)).toThrow(
      expect.objectContaining({ code: "ADAPTER_MEMBER", message: expect.stringContaining(message) }),
    );
  });

  it("names the file that is not there", async () => {
    await expect(openAdapter("./nowhere.ts")).rejects.toThrow("./nowhere.ts: no such file (a file ending in .ts,");
  });
});
