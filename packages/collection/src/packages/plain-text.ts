import { compile, type HtmlToTextOptions } from "html-to-text";
import { marked } from "marked";

/**
 * The words of a Markdown text (GitHub's flavour) without its markup, a line a block.
 *
 * Kept: headings, paragraphs, lists, tables' cells, code, the text of links. Left out: images and their alternative
 * texts (badges), tags, comments, link targets, rules, and what a page shows folded away (`<details>`): many packages of
 * one author begin with the same.
 */
export function plainText(markdown: string): string {
  const html = marked.parse(markdown.replace(/^\uFEFF/, ""), { async: false, gfm: true });
  return toText(html)
    .replace(/[^\S\n]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const lines = { leadingLineBreaks: 1, trailingLineBreaks: 1 };
const paragraph = { leadingLineBreaks: 2, trailingLineBreaks: 2 };
const asItStands = { uppercase: false, uppercaseHeaderCells: false };
const options: HtmlToTextOptions = {
  wordwrap: false,
  preserveNewlines: true,
  selectors: [
    { selector: "a", options: { ignoreHref: true } },
    { selector: "img", format: "skip" },
    { selector: "hr", format: "skip" },
    { selector: "details", format: "skip" },
    { selector: "table", format: "dataTable", options: { ...asItStands, colSpacing: 1 } },
    ...["ul", "ol", "blockquote"].map((selector) => ({ selector, format: "block", options: paragraph })),
    { selector: "li", format: "block", options: lines },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: asItStands })),
  ],
};
const toText = compile(options);
