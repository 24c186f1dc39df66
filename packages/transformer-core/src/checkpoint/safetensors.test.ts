import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isPropriaError } from "@propria/base";
import { describe, expect, it } from "vitest";
import { oracle, oracleJson, temporaryFolder } from "../../test/fixtures.ts";
import { readSafetensors, writeSafetensors } from "../index.ts";

describe("readSafetensors", () => {
  it("reads PyTorch's F16 and BF16 to the last bit, scalars and empty tensors too", async () => {
    const expected = oracleJson<{ half: string[]; brain: string[] }>("dtypes.json");
    const { tensors, others, metadata } = await readSafetensors(oracle("dtypes.safetensors"));
    const numbers = (texts: string[]) => Float32Array.from(texts, (text) => Number(text.replace("inf", "Infinity")));
    expect(tensors.half).toEqual({ shape: [3, 4], data: numbers(expected.half) });
    expect(tensors.brain).toEqual({ shape: [3, 4], data: numbers(expected.brain) });
    expect(tensors.scalar).toEqual({ shape: [], data: Float32Array.of(2.5) });
    expect(tensors.empty).toEqual({ shape: [0, 3], data: new Float32Array(0) });
    expect(Object.is(tensors.half?.data[1], -0)).toBe(true);
    expect(others).toEqual({ "embeddings.position_ids": "I64" });
    expect(metadata).toEqual({ format: "pt", note: "every type we read" });
  });

  const entry = (begin: number, end: number, more: object = {}) => ({
    dtype: "F32",
    shape: [(end - begin) / 4],
    data_offsets: [begin, end],
    ...more,
  });
  const file = (header: unknown, dataBytes: number) => {
    const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
  };

  it.each([
    ["is truncated in its data", file({ a: entry(0, 16) }, 12), "is truncated: 12 bytes of data, expected 16"],
    ["is truncated in its header", file({ a: entry(0, 16) }, 0).subarray(0, 30), "is truncated: a header of"],
    ["is empty", Buffer.alloc(0), "is not a safetensors file: 0 bytes"],
    ["is something else", Buffer.from("PK\u0003\u0004 a zip file, rather"), "is not a safetensors file: a header of"],
    ["has no JSON in its header", file("{", 0), "its header is not JSON"],
    ["has an array for a header", file([1], 0), "its header is not sound"],
    ["has a tensor without a shape", file({ a: { dtype: "F32", data_offsets: [0, 4] } }, 4), "its header is not sound"],
    [
      "has tensors that overlap",
      file({ a: entry(0, 8), b: entry(4, 12) }, 12),
      "b starts at byte 4 of the data, expected 8",
    ],
    ["has a hole", file({ a: entry(0, 8), b: entry(12, 16) }, 16), "b starts at byte 12 of the data, expected 8"],
    [
      "has a shape that does not fit",
      file({ a: entry(0, 8, { shape: [3] }) }, 8),
      "a is F32 [3], 12 bytes, and its offsets span 8",
    ],
    ["has a type that the format lacks", file({ a: entry(0, 8, { dtype: "F33" }) }, 8), "a has the unknown type F33"],
    ["has something after its last tensor", file({ a: entry(0, 8) }, 9), "has 1 bytes after its last tensor"],
  ])("refuses a file that %s, and names it", async (_what, bytes, message) => {
    const path = join(temporaryFolder(), "model.safetensors");
    writeFileSync(path, bytes);
    const error = await readSafetensors(path).catch((error: unknown) => error);
    expect(isPropriaError(error)).toBe(true);
    expect(error).toMatchObject({ code: "SAFETENSORS", at: path, message: expect.stringContaining(message) });
  });

  it("refuses a file that is not there", async () => {
    await expect(readSafetensors("nowhere/model.safetensors")).rejects.toThrow(
      "nowhere/model.safetensors: there is no such file (a model folder holds config.json and model.safetensors)",
    );
  });
});

describe("writeSafetensors", () => {
  const memory = new Float32Array(100).map((_, i) => i / 7);
  const parameters = {
    "b.weight": { shape: [2, 3], data: memory.subarray(10, 16) },
    "a.bias": { shape: [4], data: memory.subarray(50, 54) },
    日本: { shape: [], data: Float32Array.of(Number.NaN) },
  };

  it("writes views of a larger memory so that they are read the same, in their order", async () => {
    const path = join(temporaryFolder(), "x.safetensors");
    await writeSafetensors(path, parameters, { metadata: { step: "3" } });
    const { tensors, metadata } = await readSafetensors(path);
    expect(tensors).toEqual(parameters);
    expect(Object.keys(tensors)).toEqual(Object.keys(parameters));
    expect(metadata).toEqual({ format: "pt", step: "3" });
    expect(Number(readFileSync(path).readBigUInt64LE(0)) % 8).toBe(0);
  });

  it("leaves no other file", async () => {
    const folder = temporaryFolder();
    await writeSafetensors(join(folder, "x.safetensors"), parameters);
    expect(readdirSync(folder)).toEqual(["x.safetensors"]);
  });

  it("keeps the old file when the new one cannot be written whole", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "x.safetensors");
    writeFileSync(path, "old");
    const wrong = { ...parameters, c: { shape: [9], data: new Float32Array(1) } };
    await expect(writeSafetensors(path, wrong)).rejects.toThrow("c is [9] and holds 1 numbers");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["x.safetensors"]);
  });

  it("names the file that the operating system refuses", async () => {
    const path = join(temporaryFolder(), "absent", "x.safetensors");
    await expect(writeSafetensors(path, parameters)).rejects.toMatchObject({ code: "DISK", at: path });
    expect(existsSync(path)).toBe(false);
  });
});
