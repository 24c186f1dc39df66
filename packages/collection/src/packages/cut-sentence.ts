/**
 * A text without the sentences that are word for word the given one, whatever their case and punctuation: so that a description
 * which a README repeats does not find it verbatim. A sentence begins and ends at a line end, at `. ! ? : ; |` or at a dash.
 * Longer sentences that contain the words stay.
 */
export function cutSentence(text: string, sentence: string): string {
  const wanted = words(sentence).map(({ word }) => word);
  if (wanted.length === 0) return text;
  const found = words(text);
  let kept = "";
  let from = 0;
  for (let i = 0; i + wanted.length <= found.length; i++) {
    if (!wanted.every((word, k) => found[i + k]!.word === word)) continue;
    const last = i + wanted.length - 1;
    const before = text.slice(found[i - 1]?.end ?? 0, found[i]!.start);
    const after = text.slice(found[last]!.end, found[last + 1]?.start ?? text.length);
    const begins = i === 0 || BOUNDARY.test(before);
    const ends = last === found.length - 1 || BOUNDARY.test(after);
    if (!begins || !ends) continue;
    kept += text.slice(from, found[i]!.start);
    from = found[last]!.end + (/^[.!?]+/.exec(after)?.[0].length ?? 0);
    i = last;
  }
  return kept + text.slice(from);
}

const BOUNDARY = /[\n.!?:;|—–]|\s-+\s/;

interface Word {
  word: string;
  start: number;
  end: number;
}

function words(text: string): Word[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}]+/gu), ({ 0: word, index }) => ({
    word: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}
