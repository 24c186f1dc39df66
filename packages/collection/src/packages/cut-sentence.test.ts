import { describe, expect, it } from "vitest";
import { cutSentence } from "./cut-sentence.ts";

describe("cutSentence", () => {
  it.each([
    ["a line", "glob\n\nFast glob matcher\n\nInstall", "glob\n\n\n\nInstall"],
    ["whatever its case and punctuation", "glob. FAST, glob-matcher! Install it.", "glob.  Install it."],
    ["every time", "Fast glob matcher.\nmore\nfast glob matcher", "\nmore\n"],
    ["over a line break", "x\nFast glob\nmatcher\ny", "x\n\ny"],
    ["after a dash or a colon", "glob - fast glob matcher\nname: Fast glob matcher.", "glob - \nname: "],
  ])("cuts %s", (_, text, rest) => {
    expect(cutSentence(text, "Fast glob matcher.")).toBe(rest);
  });

  it.each([
    ["a longer sentence", "A fast glob matcher for Node"],
    ["other words", "Fast glob matchers"],
    ["a part of it", "Fast glob"],
  ])("keeps %s", (_, text) => {
    expect(cutSentence(text, "Fast glob matcher")).toBe(text);
  });

  it("cuts several sentences that follow each other", () => {
    expect(cutSentence("x\nOne thing. Another thing.\ny", "One thing. Another thing.")).toBe("x\n\ny");
  });

  it("cuts nothing for a sentence without words", () => {
    expect(cutSentence("a. b", "")).toBe("a. b");
    expect(cutSentence("a. b", "…")).toBe("a. b");
    expect(cutSentence("", "a")).toBe("");
  });
});
