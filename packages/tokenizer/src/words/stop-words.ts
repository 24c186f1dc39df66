/// <reference path="../stopword.d.ts" />
import { readFile } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { eng, zho } from "stopword";

/**
 * - `"lucene"`: the 33 words of Lucene's `EnglishAnalyzer`, which most published BM25 numbers leave out.
 * - `"english"`: the English list of the npm package `stopword`. It stands in for the 418 words of INQUERY that
 *   PROP's paper names, which no package holds; whoever has INQUERY's list gives it as a file.
 * - `"chinese"`: the Chinese list of `stopword`, which has single characters, the traditional forms of those, and frequent pronouns,
 *   conjunctions, adverbs and particles of two and three characters in both scripts. The words are those of `chineseWords`.
 */
export type StopWordListName = "lucene" | "english" | "chinese";

/** What `stopword` lacks. A guess: read off the most frequent words of the Chinese Wikipedia, without nouns and without verbs but auxiliary ones. */
const CHINESE = `
與 並 這 麼 誰 時 幾 來 為 於 對 會 還 說 請 嗎 個 們 後 從 將 讓 總 雖 則 僅 卻 無 過 當 沒 應 該 兩
以 而 其 被 但 由 后 至 从 将 让 使 因 则 若 虽 即 却 只 仅 再 才 它 您 咱 所 者 上 下 里 裡 裏 内 內 外 前 间 間 又 且 既 乃 亦 均 另 曾 可 能 想 要 没 无 过 当 应 两 次 最 较 較 同 如
我们 我們 你们 你們 他们 他們 她们 她們 它们 它們 咱们 咱們 自己 大家 别人 別人 我的 你的 他的 她的 它的 其他 其它 其中 其实 其實 之一 之后 之後 之前 之间 之間 之中
这个 這個 那个 那個 这些 這些 那些 这样 這樣 那样 那樣 这里 這裡 这种 這種 那里 那裡 那种 那種 此外 此后 此後 该等 一个 一個 一种 一種 一些 一样 一樣 一直 一般 一次 每个 每個 各种 各種 某些 有些 有的 所有 任何
什么 什麼 怎么 怎麼 怎样 怎樣 如何 哪里 哪裡 哪些 哪个 哪個 为什么 為什麼 多少 几个 幾個
因为 因為 因此 因而 所以 于是 於是 由于 由於 但是 但 然而 不过 不過 虽然 雖然 尽管 儘管 如果 假如 只要 只有 除非 即使 而且 并且 並且 或者 或是 还是 還是 以及 及其 以便 以免 为了 為了 关于 關於 对于 對於 根据 根據 通过 通過 作为 作為 随着 隨著 除了 按照 至于 至於 例如 比如
可以 可能 能够 能夠 应该 應該 应当 應當 必须 必須 需要 不能 不会 不會 不是 没有 沒有 并非 並非 就是 也是 都是 是否 而是 只是 已经 已經 曾经 曾經 正在 将会 將會 仍然 仍 依然 然后 然後 最后 最後 后来 後來 当时 當時 同时 同時 目前 现在 現在 以后 以後 以前 以来 以來 以上 以下 其后 其後 直到
非常 十分 很多 许多 許多 更多 更加 比较 比較 特别 特別 尤其 甚至 几乎 幾乎 大约 大約 约 約 左右 分别 分別 主要 另外 另一 第一 第二 两个 兩個 中的 上的 的话 的話 等等
`;

const LUCENE =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with";

/** The stop words of a named list, lower-cased. */
export function stopWordList(name: StopWordListName): ReadonlySet<string> {
  switch (name) {
    case "lucene":
      return new Set(LUCENE.split(" "));
    case "english":
      return new Set(eng);
    case "chinese":
      return new Set([...zho, ...CHINESE.trim().split(/\s+/)]);
    default:
      throw new PropriaError("STOP_WORD_LIST", `no stop word list ${JSON.stringify(name)}`, {
        mend: 'known: "lucene", "english", "chinese"; or give a file',
      });
  }
}

/**
 * A user's own list: UTF-8, one word a line, lower-cased here; a line that begins with `#` is a comment.
 *
 * @throws {PropriaError} `STOP_WORD_FILE` when it cannot be read or holds more than one word on a line.
 */
export async function readStopWords(path: string): Promise<ReadonlySet<string>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new PropriaError("STOP_WORD_FILE", "cannot read the stop words", {
      at: path,
      mend: (cause as Error).message,
      cause,
    });
  }
  const words = new Set<string>();
  for (const [index, line] of text.split("\n").entries()) {
    const word = line.trim().toLowerCase();
    if (word === "" || word.startsWith("#")) continue;
    if (/\s/.test(word)) {
      throw new PropriaError("STOP_WORD_FILE", "expected one word", {
        at: `${path}:${index + 1}`,
        mend: "write one word a line",
      });
    }
    words.add(word);
  }
  return words;
}
