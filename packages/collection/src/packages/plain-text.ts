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
  const targets = new Set(Array.from(text.matchAll(LINK_TARGET), ([, label]) => label!.toLowerCase()));
  let plain = "";
  for (let i = 0; i < parts.length; i += 3) plain += `${prose(parts[i]!, targets)}\n${parts[i + 2] ?? ""}\n`;
  return plain
    .replace(/[^\S\n]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** A block between fences of three or more backticks or tildes; one that is not closed goes to the end. */
const FENCED_CODE = /^[ \t]*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^[ \t]*\1[`~]*[ \t]*$|(?![\s\S]))/m;

/** `targets` are the labels, in lower case, that have a line which says where they lead. */
function prose(markdown: string, targets: ReadonlySet<string>): string {
  const literal: string[] = []; // code and escaped marks, out of reach of the rules below
  const setAside = (text: string): string => `${ASIDE}${literal.push(text) - 1}${ASIDE}`;
  return markdown
    .replace(/<!--[\s\S]*?(?:-->|$(?![\s\S]))/g, "")
    .replace(/(?<!`)(`+)(?!`)([^\n]*?[^`\n])\1(?!`)/g, (_, __, code: string) => setAside(code))
    .replace(/\\([!-/:-@[-`{-~])/g, (_, mark: string) => setAside(mark))
    .replace(/!\[[^\]\n]*\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])?/g, "") // images
    .replace(LINK_TARGET, "")
    .replace(/\[([^[\]]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)/g, "$1") // links
    .replace(/\[([^[\]]*)\](?:[ ]?\[([^[\]\n]*)\])?/g, (whole, text: string, label?: string) =>
      text === "" || targets.has((label || text).toLowerCase()) ? text : whole,
    )
    .replace(/<https?:[^<>\s]*>/g, "")
    .replace(/<\/?[A-Za-z][^<>]*>/g, "") // tags
    .replace(/^(?:[ \t]*>)+[ \t]?/gm, "") // quotations
    .replace(/^[ \t]*\[![A-Z]+\][ \t]*$/gm, "") // > [!NOTE]
    .replace(/^[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,}|=+[ \t]*)$/gm, "") // rules, underlines
    .replace(/^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*\n/gm, "") // a table's second row
    .replace(/^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t#]*$/gm, "$1") // headings
    .replace(/^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?/gm, "") // lists
    .replace(/^[ \t]*\|[ \t]*/gm, "") // tables
    .replace(/[ \t]*\|[ \t]*/g, " ")
    .replace(/(\*{1,3}|~~)(?=\S)([^*~\n]*?\S)\1/g, "$2") // emphasis
    .replace(/(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([^_\n]*?\S)\1(?![\p{L}\p{N}_])/gu, "$2")
    .replace(ENTITY, (whole: string, name: string) => ENTITIES[name] ?? whole)
    .replace(SET_ASIDE, (_, index: string) => literal[Number(index)]!);
}

/** `[label]: https://…`, on a line of its own. */
const LINK_TARGET = /^[ \t]{0,3}\[([^\]\n]+)\]:[ \t]*\S+[^\n]*$/gm;

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
