import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { builtInObjectives, loadObjective, objectiveOptions } from "./index.ts";
import prop from "./prop/index.ts";
import { testObjective } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-objective-")); // outside any node_modules
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(fileURLToPath(new URL("../../../docs/write-an-objective.md", import.meta.url)), "utf8");
const [example, , stages] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!) as [
  string,
  string,
  string,
];

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const check = async (name: string, text: string, message: string, line = "") => {
  const path = write(name, text);
  await expect(loadObjective(path)).rejects.toThrow(
    expect.objectContaining({ message: `${path}${line}: ${message}`, code: "OBJECTIVE_FILE" }),
  );
};
const mend = "(write: export default defineObjective({ … }))";

describe("the example of docs/write-an-objective.md", async () => {
  const objective = await loadObjective(write("independent-cropping.ts", example));
  testObjective(objective, { options: { cropTokens: 8 } });

  it("has the page's options", () => {
    expect(objectiveOptions(objective, ["cropTokens=32"])).toEqual({ cropTokens: 32, temperature: 0.05 });
  });
});

describe("the example of docs/write-an-objective.md in stages", async () => {
  const inStages = example.replace(/ {2}loss\([\s\S]*?\n {2}},\n/, () => stages);
  testObjective(await loadObjective(write("in-stages.ts", inStages)), { options: { cropTokens: 8 } });
});

describe("loadObjective", () => {
  const known = builtInObjectives().join(", ");

  it("gives a built-in by name", async () => {
    expect(await loadObjective("prop")).toBe(prop);
  });

  it.each([
    ["prob", `no objective is called "prob" (did you mean prop? Known: ${known}, or a path such as ./prob.ts)`],
    ["MLM", `no objective is called "MLM" (did you mean mlm? Known: ${known}, or a path such as ./MLM.ts)`],
    ["toString", expect.stringContaining('no objective is called "toString"')],
  ])("offers the nearest name for %s", async (name, message) => {
    await expect(loadObjective(name)).rejects.toThrow(expect.objectContaining({ message, code: "OBJECTIVE_NAME" }));
  });

  it("loads a file by a path relative to the working directory", async () => {
    const path = relative(process.cwd(), write("relative.ts", example));
    expect((await loadObjective(path)).name).toBe("independent-cropping");
  });

  it("loads TypeScript that imports another file, and JavaScript of both kinds", async () => {
    mkdirSync(join(folder, "mine"));
    const [imports, definition] = [
      'import { z } from "zod";\nimport { defineObjective } from "@propria/objectives";\nimport * as tf from "@tensorflow/tfjs-core";\n',
      (name: string) =>
        `defineObjective({ name: "${name}", options: z.object({}), *examples() {}, collate: () => ({}), loss: () => ({ loss: tf.scalar(0) }) })`,
    ];
    write("mine/name.ts", 'export const name: string = "from-beside";');
    const beside = write(
      "mine/a.ts",
      `${imports}import { name } from "./name.ts";\nexport default { ...${definition("x")}, name };`,
    );
    expect((await loadObjective(beside)).name).toBe("from-beside");
    expect((await loadObjective(write("b.mjs", `${imports}export default ${definition("esm")};`))).name).toBe("esm");
    const required = imports.replace(
      /import (.*) from (".*");/g,
      (_, names: string, from: string) => `const ${names.replace("* as ", "")} = require(${from});`,
    );
    expect(
      (await loadObjective(write("c.cjs", `${required}module.exports.default = ${definition("cjs")};`))).name,
    ).toBe("cjs");
  });

  it("takes our zod, not one that lies beside the file", async () => {
    mkdirSync(join(folder, "node_modules/zod"), { recursive: true });
    write("node_modules/zod/package.json", '{ "name": "zod", "main": "index.js" }');
    write("node_modules/zod/index.js", 'throw new Error("another zod");');
    expect((await loadObjective(write("own-zod.ts", example))).name).toBe("independent-cropping");
    rmSync(join(folder, "node_modules"), { recursive: true });
  });

  it("reads an edited file again", async () => {
    const path = write("edited.ts", example);
    await loadObjective(path);
    write("edited.ts", example.replace('"independent-cropping"', '"edited"'));
    expect((await loadObjective(path)).name).toBe("edited");
  });

  it("names the file that is not there", async () => {
    await expect(loadObjective("./nowhere.ts")).rejects.toThrow(
      `./nowhere.ts: no such file (a file ending in .ts, .mts, .cts, .js, .mjs, .cjs, or one of ${known})`,
    );
  });

  it("names the file that exports no objective, and what it lacks", async () => {
    await check("none.ts", "export const a = 1;", `exports no objective as its default ${mend}`);
    await check("empty.ts", "", `exports no objective as its default ${mend}`);
    await check("number.ts", "export default 1;", `exports no objective as its default ${mend}`);
    await check(
      "half.ts",
      'export default { name: "half", options: {} };',
      `the default export is no objective: it lacks examples, collate, loss ${mend}`,
    );
    const members = 'name: "s", options: { shape: {} }, examples() {}, collate() {}';
    await check(
      "stage.ts",
      `export default { ${members}, represent() {} };`,
      `the default export is no objective: it lacks contrast ${mend}`,
    );
    await check(
      "both.ts",
      `export default { ${members}, represent() {}, contrast() {}, loss() {} };`,
      "has a loss beside represent and contrast (keep the loss, or the two stages)",
    );
    await check(
      "wrong.ts",
      'export default { name: "w", options: { shape: {} }, examples: [], collate() {}, loss() {} };',
      "examples: expected a function (write: examples(…) { … })",
    );
    await check(
      "options.ts",
      'export default { name: "w", options: {}, examples() {}, collate() {}, loss() {} };',
      "options: expected a zod object (write: options: z.object({ … }))",
    );
  });

  it.each<[string, string, string]>([
    [
      "an objective has no member colate (did you mean collate?)",
      'export default { name: "m", options: { shape: {} },\n  colate: () => {}, examples() {}, loss() {} };',
      ":2",
    ],
    [
      'name: expected a word in kebab-case (write: name: "my-objective")',
      'export default {\n  name: "My one", options: { shape: {} }, collate() {}, examples() {}, loss() {} };',
      ":2",
    ],
    [
      'does not load: Unexpected token, expected ",", at column 5 (an editor that knows TypeScript shows what is amiss there, or just before)',
      "export default {\n  a b\n};",
      ":2",
    ],
    [
      'does not load: there is no module "@propria/colection" (did you mean @propria/collection?)',
      'const a = 1;\nimport { b } from "@propria/colection";\nexport default { a, b };',
      ":2",
    ],
    [
      'does not load: there is no module "./absent.ts" (the path begins at the folder of this file)',
      'import { b } from "./absent.ts";\nexport default { b };',
      ":1",
    ],
    [
      "does not load: defineObjectve is not a function (did you mean defineObjective of @propria/objectives?)",
      'import { defineObjectve } from "@propria/objectives";\n\nexport default defineObjectve({});',
      ":3",
    ],
    ['does not load: z is not defined (import { z } from "zod")', "export default { options: z.object({}) };", ":1"],
    [
      "does not load: two lines (it is run once, to be loaded: see what it does outside the objective)",
      'export const a = 1;\nthrow new Error("two\\nlines");',
      ":2",
    ],
  ])("says with the line why it refuses a file: %s", async (message, text, line) => {
    const path = write("broken.ts", text);
    await expect(loadObjective(path)).rejects.toThrow(
      expect.objectContaining({ code: "OBJECTIVE_FILE", message: `${path}${line}: ${message}` }),
    );
  });

  it("loads a copy from a folder whose name has spaces and other letters", async () => {
    const odd = join(folder, "größe & co");
    mkdirSync(odd);
    cpSync(write("plain.ts", example), join(odd, "my objective.ts"));
    expect((await loadObjective(join(odd, "my objective.ts"))).name).toBe("independent-cropping");
  });
});
