/** A document's best words as text. */
import { table } from "../program/format.ts";
import { type Keywords, readingsOf } from "./keywords.ts";

/** Lines for people: a column of words and one of scores for each reading. */
export function keywordTable(keywords: Keywords, top: number): string[] {
  const readings = readingsOf(keywords);
  const places = Math.min(top, Math.max(...readings.map(({ words }) => words.length)));
  const headings = ["", ...readings.flatMap(({ title, measure }) => [title, measure])];
  const rows = Array.from({ length: places }, (_, place) => [
    `${place + 1}`,
    ...readings.flatMap(({ words }) => [words[place]?.word ?? "", words[place]?.score.toFixed(4) ?? ""]),
  ]);
  return [keywords.id, ...table([headings, ...rows], { left: [1, 3, 5] })];
}

/** A line of JSON. */
export function keywordJson({ id, queryLikelihood, attention, contrastive }: Keywords, top: number): string {
  const best = <T>(words: readonly T[] | undefined) => words?.slice(0, top);
  return JSON.stringify({
    id,
    queryLikelihood: best(queryLikelihood),
    attention: best(attention),
    contrastive: best(contrastive),
  });
}
