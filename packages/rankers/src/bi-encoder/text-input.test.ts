import { fileURLToPath } from "node:url";
import { documentText } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { textRow } from "./text-input.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/bi-encoder/tiny", import.meta.url));

describe("textRow", () => {
  it("keeps the first pieces and both special tokens", async () => {
    const tokenizer = await Tokenizer.load(tiny);
    const whole = textRow(tokenizer, "oil and water", 20);
    expect(whole).toEqual([tokenizer.clsId, ...tokenizer.encode("oil and water"), tokenizer.sepId]);
    expect(textRow(tokenizer, "oil and water ".repeat(500), 4)).toEqual([...whole.slice(0, 3), tokenizer.sepId]);
    expect(textRow(tokenizer, "", 4)).toEqual([tokenizer.clsId, tokenizer.sepId]);
  });

  it.each([
    ["", " oil and water\n"],
    ["water", ""],
    ["water ", "and oil"],
    ["", ""],
  ])("reads %j and %j as BEIR joins them: title, space, text, nothing at the ends", async (title, text) => {
    const tokenizer = await Tokenizer.load(tiny);
    const row = (joined: string) => textRow(tokenizer, joined, 20);
    expect(row(documentText({ title, text }))).toEqual(row(`${title} ${text}`.trim()));
  });
});
