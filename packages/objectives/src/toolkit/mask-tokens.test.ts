import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { collateMasks, type MaskingOptions, maskTokens } from "./index.ts";

const words = Array.from({ length: 95 }, (_, i) => (i % 3 === 2 ? `##p${i}` : `w${i}`));
const tokenizer = Tokenizer.fromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...words]);
const { clsId, sepId, maskId, unknownId } = tokenizer;
const FIRST = 5; // id of the first piece that is not special
const row = (length: number) => [clsId, ...Array.from({ length }, (_, i) => FIRST + (i % words.length)), sepId];
const mask = (ids: number[], options: MaskingOptions = {}, seed = 1) =>
  maskTokens(ids, { random: seeded(seed, "masks"), tokenizer }, options);

describe("maskTokens", () => {
  it.each([
    { pieces: 100, expected: 15 },
    { pieces: 1, expected: 1 },
    { pieces: 3, expected: 1 },
    { pieces: 510, expected: 60 },
    { pieces: 510, maxMasked: 20, expected: 20 },
    { pieces: 100, rate: 0.3, expected: 30 },
    { pieces: 0, expected: 0 },
  ])("masks min(cap, max(1, 15 %)) pieces: %j", ({ pieces, expected, ...options }) => {
    expect(mask(row(pieces), options).positions.length).toBe(expected);
  });

  it("remembers what stood there, in rising places, and changes nothing else", () => {
    const ids = row(200);
    const { inputIds, positions, labels } = mask(ids);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(labels).toEqual(positions.map((position) => ids[position]));
    const masked = new Set(positions);
    for (const [i, id] of inputIds.entries()) if (!masked.has(i)) expect(id).toBe(ids[i]);
  });

  it("never masks a special token, [UNK] among them, nor what stands before `from`", () => {
    const ids = [clsId, FIRST, FIRST + 1, sepId, FIRST + 3, unknownId, FIRST + 4, sepId];
    for (let seed = 0; seed < 200; seed++)
      for (const position of mask(ids, { rate: 0.9, from: 4 }, seed).positions) expect([4, 6]).toContain(position);
  });

  it("makes 80 % [MASK], keeps 10 % and draws 10 % from the whole vocabulary, over 10⁵ pieces", () => {
    const counts = { mask: 0, same: 0, other: 0, special: 0 };
    let pieces = 0;
    for (let seed = 0; pieces < 1e5; seed++) {
      const ids = row(400);
      const { inputIds, positions, labels } = mask(ids, {}, seed);
      positions.forEach((position, i) => {
        const id = inputIds[position]!;
        if (id === maskId) counts.mask++;
        else if (id === labels[i]) counts.same++;
        else counts.other++;
        if (id !== maskId && tokenizer.specialIds.has(id)) counts.special++;
      });
      pieces += positions.length;
    }
    const size = tokenizer.size; // a random piece is [MASK] or the same again once in `size`
    const within = (count: number, share: number) =>
      expect(Math.abs(count / pieces - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / pieces));
    within(counts.mask, 0.8 + 0.1 / size);
    within(counts.same, 0.1 + 0.1 / size);
    within(counts.other, 0.1 - 0.2 / size);
    within(counts.special, (0.1 * 4) / size);
  });

  it("chooses every place equally often", () => {
    const counts = new Float64Array(22);
    for (let seed = 0; seed < 4000; seed++)
      for (const position of mask(row(20), {}, seed).positions) counts[position]!++;
    expect([counts[0], counts[21]]).toEqual([0, 0]);
    for (const count of counts.slice(1, 21)) expect(Math.abs(count - 600)).toBeLessThan(130); // 3 of 20 places; > 5 deviations
  });

  it.each([
    { budget: "words", most: Math.round(0.15 * 63) }, // 63 words of the 94 pieces
    { budget: "pieces", most: Math.round(0.15 * 94) },
  ] as const)("masks whole words: all their pieces or none, within the budget of $budget", ({ budget, most }) => {
    for (let seed = 0; seed < 100; seed++) {
      const ids = row(94);
      const { positions } = mask(ids, { wholeWords: true, budget }, seed);
      const masked = new Set(positions);
      expect(positions.length).toBeLessThanOrEqual(most);
      expect(positions.length).toBeGreaterThanOrEqual(most - 1); // no word is longer than two
      for (let i = 1; i < ids.length; i++)
        if (tokenizer.isContinuation(ids[i]!)) expect(masked.has(i)).toBe(masked.has(i - 1));
    }
  });

  it.each([
    ["pieces", 0.15],
    ["words", 0.15 / 1.6],
  ] as const)("masks 15 %% of the %s in words of 1.6 pieces: a share of %f", (budget, share) => {
    const [first, further] = [FIRST, FIRST + 2]; // "w0", "##p2"
    const word = [first, first, further, first, first, further, first, further]; // 5 words of 8 pieces
    const ids = [clsId, ...Array.from({ length: 50 }, () => word).flat(), sepId];
    for (let seed = 0; seed < 50; seed++) {
      const { positions } = mask(ids, { wholeWords: true, budget, maxMasked: 512 }, seed);
      expect(Math.abs(positions.length / 400 - share)).toBeLessThanOrEqual(0.0025);
    }
  });

  it("counts the same by pieces and by words where no whole words are asked for", () => {
    for (let seed = 0; seed < 20; seed++)
      expect(mask(row(94), { budget: "words" }, seed)).toEqual(mask(row(94), { budget: "pieces" }, seed));
  });

  it("masks the same for the same seed", () => {
    expect(mask(row(50))).toEqual(mask(row(50)));
    expect(mask(row(50))).not.toEqual(mask(row(50), {}, 2));
  });
});

describe("collateMasks", () => {
  it("fills up with weight 0 to the most that a row so wide can have", () => {
    const rows = [mask(row(10)), mask(row(30))];
    const { maskedPositions, maskedLabels, maskedWeights } = collateMasks(rows, 32);
    expect(maskedPositions.shape).toEqual([2, 5]); // round(.15 · 32)
    expect([...maskedWeights.data]).toEqual([1, 1, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect([...maskedLabels.data.slice(0, 2)]).toEqual(rows[0]!.labels);
    expect([...maskedPositions.data.slice(5)]).toEqual(rows[1]!.positions);
  });

  it("has room for every row of its width", () => {
    for (let length = 0; length <= 30; length++)
      for (const wholeWords of [false, true])
        for (const budget of ["pieces", "words"] as const) {
          const rows = [mask(row(length), { rate: 0.5, wholeWords, budget })];
          const { maskedWeights } = collateMasks(rows, 32, { rate: 0.5 });
          expect([...maskedWeights.data].filter((weight) => weight === 1).length).toBe(rows[0]!.positions.length);
          expect(rows[0]!.positions.length).toBeLessThanOrEqual(maskedWeights.shape[1]!);
        }
  });
});
