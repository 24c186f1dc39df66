import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { all, folderWith } from "../../test/temporary-folder.ts";
import { corpusHash, openCollection } from "../index.ts";
import { splitOf } from "./packages.ts";

const long = (topic: string) =>
  `${topic} ${"is explained at some length here so that it is not near empty ".repeat(4)}`;
const manifest = (name: string, description?: string) => JSON.stringify({ name, description, version: "1.0.0" });

const installed = () =>
  folderWith({
    "node_modules/zeta/package.json": manifest("zeta", "Orders **letters**."),
    "node_modules/zeta/README.md": `# zeta\n\nOrders letters\n\n${long("Zeta")}`,
    "node_modules/alpha/package.json": manifest("alpha", "Begins things"),
    "node_modules/alpha/readme.markdown": `# alpha\n\n${long("Alpha")} Begins things with care.`,
    "node_modules/alpha/node_modules/zeta/package.json": manifest("zeta", "An old one"),
    "node_modules/alpha/node_modules/zeta/README.md": long("The nested zeta"),
    "node_modules/alpha/node_modules/deep/package.json": manifest("deep"),
    "node_modules/alpha/node_modules/deep/README": long("Deep"),
    "node_modules/@scope/beta/package.json": manifest("@scope/beta", "Second"),
    "node_modules/@scope/beta/README.md": long("Beta"),
    "node_modules/copy/package.json": manifest("copy", "Repeats zeta"),
    "node_modules/copy/README.md": long("BETA:"),
    "node_modules/short/package.json": manifest("short", "Says little"),
    "node_modules/short/README.md": "# short\n\nSays little.\n\nMIT",
    "node_modules/silent/package.json": manifest("silent", "Says nothing"),
    "node_modules/broken/package.json": "{",
    "node_modules/broken/README.md": long("Broken"),
    "node_modules/empty/index.js": "",
    "node_modules/odd/package.json": manifest("odd", "Has a folder for a README"),
    "node_modules/odd/README.md/x": "",
    "node_modules/.bin/tool": "",
    "own/package.json": manifest("own", "A workspace"),
    "own/README.md": long("Own"),
  });

describe("packages:", () => {
  it("takes READMEs as documents, sorted by name, with the description cut", async () => {
    const collection = await openCollection(`packages:${join(installed(), "node_modules")}`);
    const documents = await all(collection.documents());
    expect(documents.map(({ id }) => id)).toEqual(["@scope/beta", "alpha", "deep", "zeta"]);
    expect(documents.every(({ id, title }) => id === title)).toBe(true);
    expect(documents[3]!.text).toBe(`zeta\n\n${long("Zeta").trim()}`);
    expect(documents[1]!.text).toContain("Begins things with care."); // a longer sentence stays
  });

  it("takes descriptions as queries, and a package's own README as the relevant document of one split", async () => {
    const collection = await openCollection(`packages:${join(installed(), "node_modules")}`);
    const queries = await all(collection.queries());
    expect(queries).toEqual([
      { id: "@scope/beta", text: "Second" },
      { id: "alpha", text: "Begins things" },
      { id: "zeta", text: "Orders letters." },
    ]);
    expect(await collection.splits()).toEqual(["test", "train"]);
    const [test, train] = [await collection.qrels("test"), await collection.qrels("train")];
    expect([...test.keys(), ...train.keys()].sort()).toEqual(queries.map(({ id }) => id));
    for (const [split, qrels] of [
      ["test", test],
      ["train", train],
    ] as const)
      for (const [id, judged] of qrels) expect([splitOf(id), ...judged]).toEqual([split, [id, 1]]);
    await expect(collection.qrels("dev")).rejects.toMatchObject({ code: "UNKNOWN_SPLIT" });
  });

  it("skips and counts what it cannot use", async () => {
    const folder = installed();
    symlinkSync(join(folder, "own"), join(folder, "node_modules/own"));
    symlinkSync(join(folder, "nowhere"), join(folder, "node_modules/gone"));
    const collection = await openCollection(`packages:${join(folder, "node_modules")}`);
    expect(await all(collection.documents())).toHaveLength(4);
    // broken, empty, gone, and odd's README
    expect(await collection.omitted!()).toEqual({ unreadable: 4, withoutReadme: 1, nearEmpty: 1, duplicate: 1 });
  });

  it("follows links that stay inside, as pnpm makes them, and loops end", async () => {
    const folder = folderWith({
      "node_modules/.pnpm/a@1/node_modules/a/package.json": manifest("a", "Linked"),
      "node_modules/.pnpm/a@1/node_modules/a/README.md": long("A"),
    });
    const store = join(folder, "node_modules/.pnpm/a@1/node_modules");
    symlinkSync(join(store, "a"), join(folder, "node_modules/a"));
    mkdirSync(join(store, "a/node_modules"));
    symlinkSync(join(store, "a"), join(store, "a/node_modules/a"));
    const collection = await openCollection(`packages:${join(folder, "node_modules")}`);
    expect((await all(collection.documents())).map(({ id }) => id)).toEqual(["a"]);
  });

  it("puts about three of ten packages into test, each for good", () => {
    const test = Array.from({ length: 10_000 }, (_, i) => splitOf(`package-${i}`)).filter((split) => split === "test");
    expect(Math.abs(test.length / 10_000 - 0.3)).toBeLessThan(0.02);
    expect(["zod", "vitest", "commander", "pino"].map(splitOf)).toMatchInlineSnapshot(`
      [
        "train",
        "train",
        "train",
        "train",
      ]
    `);
  });
});

describe("packages: of this repository", () => {
  const folder = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

  it("gives a collection of some hundreds, the same on every pass, no document with its query as a line", async () => {
    const collection = await openCollection(`packages:${folder}`);
    const documents = await all(collection.documents());
    const queries = new Map((await all(collection.queries())).map(({ id, text }) => [id, text]));
    expect(documents.length).toBeGreaterThan(200);
    expect(await corpusHash(collection)).toBe(await corpusHash(await openCollection(`packages:${folder}`)));
    const sameLine = documents.filter(({ id, text }) =>
      text.split("\n").some((line) => line.trim() === queries.get(id)),
    );
    expect(sameLine.map(({ id }) => id)).toEqual([]);
    expect((await collection.qrels("test")).size).toBeGreaterThan(50);
    expect((await collection.omitted!()).unreadable).toBeLessThan(10);
  });
});
