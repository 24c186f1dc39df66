import { describe, expect, it } from "vitest";
import { rowQueue } from "./row-queue.ts";

/** A queue whose batches are written down as `WIDTH: LENGTHS`; a row of 13 tokens fails, and with it its batch. */
function queueOf(batchTokens = 64) {
  const batches: string[] = [];
  const queue = rowQueue<{ length: number }, string>({
    ...{ batchTokens, maxTokens: 40 },
    async run(rows, width) {
      batches.push(`${width}: ${rows.map(({ length }) => length)}`);
      await new Promise(setImmediate);
      if (rows.some(({ length }) => length === 13)) throw new Error("unlucky");
      return rows.map(({ length }) => `result of ${length}`);
    },
  });
  return { batches, queue, ask: (length: number) => queue.ask({ length }) };
}

describe("rowQueue", () => {
  it("computes rows of similar length together, the longest waiting first, and gives each its own result", async () => {
    const { batches, ask } = queueOf();
    const lengths = [20, 3, 32, 18, 40, 5];
    expect(await Promise.all(lengths.map(ask))).toEqual(lengths.map((length) => `result of ${length}`));
    expect(batches).toEqual(["32: 20,32", "16: 3,5", "32: 18", "40: 40"]);
  });

  it("takes what came while a batch ran into the next", async () => {
    const { batches, ask } = queueOf();
    const first = ask(16);
    await new Promise(setImmediate);
    await Promise.all([first, ask(15), ask(14)]);
    expect(batches).toEqual(["16: 16", "16: 15,14"]);
  });

  it("lets no row fail for another's sake", async () => {
    const { batches, ask } = queueOf();
    const results = await Promise.allSettled([12, 13, 14].map(ask));
    expect(results.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason)))).toEqual([
      "result of 12",
      "Error: unlucky",
      "result of 14",
    ]);
    expect(batches).toEqual(["16: 12,13,14", "12: 12", "13: 13", "14: 14"]);
    expect(await ask(1)).toBe("result of 1");
  });

  it("is idle when nothing waits any more", async () => {
    const { batches, queue, ask } = queueOf(16);
    const asked = [16, 16, 16].map(ask);
    await queue.idle();
    expect(batches).toHaveLength(3);
    await Promise.all(asked);
    await queue.idle();
  });
});
