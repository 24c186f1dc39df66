import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import wabt from "wabt";

const folder = new URL("./", import.meta.url);
const sources = readdirSync(folder).filter((name) => name.endsWith(".wat"));

describe("the compiled kernels", () => {
  it.each(sources)("are what %s compiles to (npm run wasm makes them)", async (file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const compiled = (await wabt()).parseWat(file, text, { simd: true }).toBinary({}).buffer;
    const committed: { default: string } = await import(new URL(file.replace(".wat", ".wasm.ts"), folder).href);
    expect(committed.default).toBe(Buffer.from(compiled).toString("base64"));
  });
});
