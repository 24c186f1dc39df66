import { describe, expect, it } from "vitest";
import { plainText } from "./plain-text.ts";

describe("plainText", () => {
  it.each([
    ["headings", "# One #\n\n## `two`\n\nThree\n=====\n\nFour\n---\n", "One\n\ntwo\n\nThree\n\nFour"],
    ["badges", "[![build](https://x/y.svg)](https://x) [![a](b)][c] ![alt](d)\ntext\n\n[c]: https://z", "text"],
    [
      "links",
      'see [the `docs`](https://x/(y)) and [ref][1], [a(b)](c)\n\n[1]: https://z "t"',
      "see the docs and ref, a(b)",
    ],
    ["short links", "[docs] and [DOCS][] but [x]\n\n[docs]: https://z", "docs and DOCS but [x]"],
    ["brackets that are no link", "f(x[, y][, z]) and a[0] stay", "f(x[, y][, z]) and a[0] stay"],
    ["tags and entities", '<p align="center">\n  <b>Bold</b> &amp; 1 &lt; 2 &unknown;\n</p>', "Bold & 1 < 2 &unknown;"],
    ["comparisons", "if a < b and c > d", "if a < b and c > d"],
    ["comments", "a<!-- hidden\nstill -->b\n\n<!--\n\n-->", "ab"],
    [
      "emphasis",
      "**bold** *it* ***both*** _under_ __strong__ ~~gone~~ snake_case_name 2*3*4",
      "bold it both under strong gone snake_case_name 234",
    ],
    ["inline code", "use `a < b && c > d` or ``x ` y`` and `**kept**`", "use a < b && c > d or x ` y and **kept**"],
    ["lists", "- one\n  * two\n1. three\n- [x] done", "one\n\ntwo\n\nthree\n\ndone"],
    ["quotations", "> quoted\n>> twice", "quoted\n\ntwice"],
    ["tables", "| a | b |\n|---|:-:|\n| 1 | 2 |", "a b\n1 2"],
    ["rules", "a\n\n***\n\nb\n\n- - -\n\nc", "a\n\nb\n\nc"],
    ["escapes", "1\\. not \\*a\\* list", "1. not *a* list"],
    ["folded sections", "a\n\n<details>\n<summary>More</summary>\n\nhidden\n\n</details>\n\nb", "a\n\nb"],
    ["CRLF", "a\r\nb", "a\nb"],
  ])("reads %s", (_, markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  it("keeps code between fences as it is", () => {
    const code = "for (let i = 0; i < n; i++) {\n  a[i] = `*b*`; // # no heading\n}";
    expect(plainText(`before\n\n\`\`\`js\n${code}\n\`\`\`\n\nafter **bold**`)).toBe(`before\n\n${code}\n\nafter bold`);
    expect(plainText(`~~~\n${code}\n~~~`)).toBe(code);
    expect(plainText(`\`\`\`js\n${code}`)).toBe(code);
    expect(plainText("[a][1]\n```\n[a][1]\n```\n[1]: https://z")).toBe("a\n\n[a][1]");
    expect(plainText("````\n```\ninner\n```\n````")).toBe("```\ninner\n```");
  });

  it("reads marks that never close", () => {
    for (const mark of ["[", "![", "`", "*", "_", "<a", "<!--", "| ", "> ", "- ", "&", "[a](", "```\n"])
      expect(() => plainText(mark.repeat(1_000))).not.toThrow();
  });
});
