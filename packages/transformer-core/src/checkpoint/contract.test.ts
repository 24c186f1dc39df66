import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/fixtures.ts";
import { contractHash, type EncodingContract, readModelCard } from "../index.ts";
import { formatModelCard } from "./contract.ts";

const contract: EncodingContract = {
  texts: "pair",
  maxTokens: 128,
  maxQueryTokens: 32,
  queryPrefix: "",
  documentPrefix: "",
  pooling: "pooler",
  normalize: false,
  similarity: "head",
};

describe("contractHash", () => {
  it("does not depend on the order of the members, and does on each value", () => {
    const reversed = Object.fromEntries(Object.entries(contract).reverse()) as EncodingContract;
    expect(contractHash(reversed)).toBe(contractHash(contract));
    expect(contractHash({ ...contract, maxTokens: 129 })).not.toBe(contractHash(contract));
    expect(contractHash(contract)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("readModelCard", () => {
  const written = (text: string) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "propria.json"), text);
    return folder;
  };

  it("reads what was written", async () => {
    const card = { contract, provenance: { objective: "prop", seed: 7, steps: 100, options: { mu: 1000 }, host: "x" } };
    expect(await readModelCard(written(formatModelCard(card)))).toEqual(card);
    expect(await readModelCard(written(formatModelCard({ provenance: {} })))).toEqual({ provenance: {} });
  });

  it("gives nothing for a folder from Python", async () => {
    expect(await readModelCard(temporaryFolder())).toBeUndefined();
  });

  it("refuses a contract that was changed afterwards", async () => {
    const folder = written(formatModelCard({ contract, provenance: {} }).replace("128", "64"));
    await expect(readModelCard(folder)).rejects.toThrow("propria.json: contractHash is not that of the contract");
  });

  it.each([["{"], ["{}"], ['{"format":2,"provenance":{}}']])("refuses %s and names the file", async (text) => {
    const folder = written(text);
    await expect(readModelCard(folder)).rejects.toMatchObject({ code: "MODEL_CARD", at: join(folder, "propria.json") });
    expect(readFileSync(join(folder, "propria.json"), "utf8")).toBe(text);
  });
});
