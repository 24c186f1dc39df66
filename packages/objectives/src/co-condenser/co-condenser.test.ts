import { seeded } from "@propria/base";
import { documentText } from "@propria/collection";
import { describe, expect, it } from "vitest";
import { batchOf, lossOnStates, normsByPlace, smallConfig, someStates, tokenizer } from "../../test/on-states.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective } from "../testing.ts";
import type { MaskedRow } from "../toolkit/index.ts";
import { evenSpans } from "./examples.ts";
import coCondenser from "./index.ts";

describe("co-condenser", () => {
  testObjective(coCondenser, { maxTokens: 32 });
});

const documents = testDocuments.slice(0, 3);
const batch = batchOf(coCondenser, {}, { documents });
const states = someStates(6, 32, smallConfig);
const last = "states.2";
const on = (given: Record<string, unknown>, part?: string, at = states) =>
  lossOnStates(coCondenser, given, batch, at, part ? { part } : {});

describe("co-condenser's loss", () => {
  it("is the sum of Condenser's two and the contrast", async () => {
    const { loss, parts } = await on({ lateWeight: 0.5, contrastWeight: 0.1 });
    expect(loss).toBeCloseTo(parts.head! + 0.5 * parts.late! + 0.1 * parts.contrast!, 3);
  });

  it("has a contrast of ln(2B − 1) where all vectors are equal", async () => {
    const equal = {
      ...states,
      [last]: { ...states[last]!, data: new Float32Array(states[last]!.data.length).fill(0.5) },
    };
    expect((await on({}, "contrast", equal)).loss).toBeCloseTo(Math.log(2 * 3 - 1), 5);
  });

  it("contrasts the last layer's vectors of [CLS]", async () => {
    const { gradients } = await on({}, "contrast");
    const { first, others } = normsByPlace(gradients[last], { width: 32, hidden: 16 });
    expect(first).toBeGreaterThan(0);
    expect(others).toBe(0);
    expect(gradients["states.1"]).toBeUndefined();
  });

  it("leaves a vector's product with itself out, however large, and wants the sibling", async () => {
    const data = new Float32Array(states[last]!.data.length); // vectors of a document point along an axis of its own
    for (let row = 0; row < 6; row++) data[row * 32 * 16 + Math.floor(row / 2)] = row % 2 === 0 ? 10 : 1;
    const { loss } = await on({}, "contrast", { ...states, [last]: { ...states[last]!, data } });
    expect(loss).toBeCloseTo(Math.log(1 + 4 * Math.exp(-10)), 6);
  });
});

describe("co-condenser's examples", () => {
  const document = documents[0]!;
  const body = tokenizer.encode(documentText(document));
  const original = ({ inputIds, positions, labels }: MaskedRow): number[] => {
    const ids = [...inputIds];
    positions.forEach((position, i) => {
      ids[position] = labels[i]!;
    });
    return ids.slice(1, -1);
  };
  const pairOf = (given: Record<string, unknown>, { text = document, draw = 1, maxTokens = 32 } = {}) => {
    const options = objectiveOptions(coCondenser, given);
    const random = seeded(draw, "examples");
    return [...coCondenser.examples(text, { random, tokenizer, options, number: 0, prepared: undefined, maxTokens })];
  };

  it("are two spans of the document that do not overlap, others in each epoch", () => {
    const seen = new Set<string>();
    for (let draw = 0; draw < 30; draw++) {
      const [{ first, second }] = pairOf({ spanTokens: 12 }, { draw }) as [ReturnType<typeof pairOf>[number]];
      const [a, b] = [original(first), original(second)];
      const spans = evenSpans(body, 12, tokenizer).map((span) => span.join());
      expect(a.join()).not.toBe(b.join());
      for (const span of [a, b]) {
        expect(spans).toContain(span.join());
        expect(span.length).toBeLessThanOrEqual(12);
      }
      seen.add(a.join());
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  it("cover the document in spans of about one length, from the start of a word", () => {
    const spans = evenSpans(body, 30, tokenizer);
    expect(spans.flat().length).toBeGreaterThanOrEqual(body.length - spans.length);
    for (const span of spans) expect(tokenizer.isContinuation(span[0]!)).toBe(false);
    const lengths = spans.map((span) => span.length);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(2);
  });

  it("are a document's halves where it would fit in one span, and none where those would be too short", () => {
    const [{ first, second }] = pairOf({}, { maxTokens: 512 }) as [ReturnType<typeof pairOf>[number]];
    expect(original(first).length + original(second).length).toBe(body.length);
    const short = { id: "short", title: "", text: "A river carries water" };
    expect(pairOf({}, { text: short })).toEqual([]);
    expect(pairOf({ shortestSpan: 1 }, { text: short }).length).toBe(1);
  });
});
