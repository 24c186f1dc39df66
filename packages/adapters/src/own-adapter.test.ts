import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Adapter, insideAndAside } from "./index.ts";
import { testAdapter } from "./testing.ts";

const page = readFileSync(fileURLToPath(new URL("../../../docs/write-an-adapter.md", import.meta.url)), "utf8");
const [example] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

const folder = fileURLToPath(new URL("../test/written/", import.meta.url)); // here, so that it finds the packages that it imports
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}scaling.ts`, example!);
const { default: scaling } = (await import(`${folder}scaling.ts`)) as { default: Adapter };
afterAll(() => rmSync(folder, { recursive: true }));

describe("the example of docs/write-an-adapter.md", () => {
  testAdapter(scaling);
});

describe("IAA around it", () => {
  testAdapter(insideAndAside("layer", scaling, 2));
});

describe("the built-in adapters", () => {
  it("import what a user can: their own folder, define-adapter, packages", () => {
    const methods = fileURLToPath(new URL("./methods/", import.meta.url));
    const files = readdirSync(methods).filter((file) => !file.endsWith(".test.ts"));
    const imported = files.flatMap((file) =>
      [...readFileSync(methods + file, "utf8").matchAll(/from "([^"]+)"/g)].map((match) => match[1]!),
    );
    const allowed = /^(\.\/[a-z-]+\.ts|\.\.\/define-adapter\.ts|zod|@tensorflow\/tfjs-core|@propria\/[a-z-]+)$/;
    expect(imported.filter((specifier) => !allowed.test(specifier))).toEqual([]);
  });
});
