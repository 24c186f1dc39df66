/**
 * The words of a Markdown text without its markup. (`remove-markdown` takes everything from a `<` in code to the next `>` for a tag,
 * so that half of many READMEs is lost; here code is set aside first.)
 *
 * Kept: headings, paragraphs, lists, tables' cells, code, the text of links. Left out: images and their alternative texts
 * (badges), tags, comments, link targets, rules.
 */
export function plainText(markdown: string): string {
  const text = markdown.replace(/\r\n?/g, "\n").replace(/^\uFEFF/, "");
  const parts = text.split(FENCED_CODE); // prose, fence, code, prose, fence, code, …, prose
  let plain = "";
  for (let i = 0; i < parts.length; i += 3) plain += `${prose(parts[i]!)}\n${parts[i + 2] ?? ""}\n`;
  return plain
    .replace(/[^\S\n]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** A block between fences of three or more backticks or tildes; one that is not closed goes to the end. */
const FENCED_CODE = /^[ \t]*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^[ \t]*\1[`~]*[ \t]*$|(?![\s\S]))/m;

function prose(markdown: string): string {
  const code: string[] = [];
  return markdown
    .replace(/<!--[\s\S]*?(?:-->|$(?![\s\S]))/g, "")
    .replace(
      /(?<!`)(`+)(?!`)([^\n]*?[^`\n])\1(?!`)/g,
      (_, __, inside: string) => `${ASIDE}${code.push(inside) - 1}${ASIDE}`,
    )
    .replace(/!\[[^\]\n]*\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])?/g, "") // images
    .replace(/^[ \t]{0,3}\[[^\]\n]+\]:[ \t]*\S+[^\n]*$/gm, "") // where links go
    .replace(/\[([^[\]]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|[ ]?\[[^\]\n]*\])/g, "$1") // links
    .replace(/<https?:[^<>\s]*>/g, "")
    .replace(/<\/?[A-Za-z][^<>]*>/g, "") // tags
    .replace(/^(?:[ \t]*>)+[ \t]?/gm, "") // quotations
    .replace(/^[ \t]*\[![A-Z]+\][ \t]*$/gm, "") // > [!NOTE]
    .replace(/^[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,}|=+[ \t]*)$/gm, "") // rules, underlines
    .replace(/^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$/gm, "") // a table's second row
    .replace(/^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t#]*$/gm, "$1") // headings
    .replace(/^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?/gm, "") // lists
    .replace(/^[ \t]*\|(.*)$/gm, "$1") // tables
    .replace(/[ \t]*\|[ \t]*/g, " ")
    .replace(/(\*{1,3}|~~)(?=\S)([^*~\n]*?\S)\1/g, "$2") // emphasis
    .replace(/(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([^_\n]*?\S)\1(?![\p{L}\p{N}_])/gu, "$2")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1") // escapes
    .replace(ENTITY, (whole: string, name: string) => ENTITIES[name] ?? whole)
    .replace(SET_ASIDE, (_, index: string) => code[Number(index)]!);
}

const ASIDE = "\u0000"; // stands in no text
const SET_ASIDE = new RegExp(`${ASIDE}(\\d+)${ASIDE}`, "g");

const ENTITY = /&(#?\w+);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  nbsp: " ",
  copy: "©",
  mdash: "—",
  ndash: "–",
  bull: "•",
  middot: "·",
  hellip: "…",
};
