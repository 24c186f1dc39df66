import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import {
  batchOf,
  lossOnStates,
  normsByPlace,
  normsByToken,
  smallConfig,
  someStates,
  tokenizer,
} from "../../test/on-states.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective } from "../testing.ts";
import type { MaskArrays } from "../toolkit/index.ts";
import condenser from "./index.ts";

describe("condenser", () => {
  testObjective(condenser, { maxTokens: 32 });
});

describe("condenser from the embeddings, with one head layer", () => {
  testObjective(condenser, { options: { skipFrom: 0, headLayers: 1 }, backends: ["onnx"] }); // the cpu has the same ops above
});

const config = { ...smallConfig, layers: 4 };
const batch = batchOf(condenser, { shortShare: 0 });
const states = someStates(2, 32, config);
const norms = (gradient: Float32Array | undefined) => normsByPlace(gradient, { width: 32, hidden: 16 });
const on = (given: Record<string, unknown>, part?: string, at = states) =>
  lossOnStates(condenser, given, batch, at, { config, ...(part && { part }) });

describe("condenser's head", () => {
  it("learns through [CLS] of the last layer and all other tokens of the middle one", async () => {
    const { gradients } = await on({}, "head");
    const [middle, last] = [norms(gradients["states.2"]), norms(gradients["states.4"])];
    expect(last.first).toBeGreaterThan(0);
    expect(last.others).toBe(0);
    expect(middle.first).toBe(0);
    expect(middle.others).toBeGreaterThan(0);
    expect(normsByToken(gradients["states.2"], 16).filter((norm) => norm > 0)).toHaveLength(2 * 31);
    for (const skipped of ["states.0", "states.1", "states.3"]) expect(gradients[skipped]).toBeUndefined();
  });

  it("takes the layer that the option says", async () => {
    const { gradients } = await on({ skipFrom: 1 }, "head");
    expect(norms(gradients["states.1"]).others).toBeGreaterThan(0);
    expect(gradients["states.2"]).toBeUndefined();
  });

  it("does not see the last layer's other tokens, however they change, but its [CLS]", async () => {
    const perturbed = (first: boolean) => {
      const data = Float32Array.from(states["states.4"]!.data, (value, k) =>
        (Math.floor(k / 16) % 32 === 0) === first ? value + 1 + (k % 3) : value,
      );
      return { ...states, "states.4": { ...states["states.4"]!, data } };
    };
    const { loss } = await on({}, "head");
    expect((await on({}, "head", perturbed(false))).loss).toBe(loss);
    expect(Math.abs((await on({}, "head", perturbed(true))).loss - loss)).toBeGreaterThan(1e-3);
  });

  it("cannot skip from a layer that there is not", async () => {
    await expect(on({ skipFrom: 5 })).rejects.toThrow("skipFrom: there is no layer 5 in an encoder of 4");
  });
});

describe("condenser's loss", () => {
  it("is the head's and, by its weight, the last layer's, which reaches the masked places", async () => {
    const { loss, parts } = await on({ lateWeight: 0.5 });
    expect(loss).toBeCloseTo(parts.head! + 0.5 * parts.late!, 4);
    const { gradients } = await on({}, "late");
    const reached = normsByToken(gradients["states.4"], 16).flatMap((norm, token) => (norm > 0 ? [token] : []));
    const { maskedPositions, maskedWeights } = (batch as unknown as { masks: MaskArrays }).masks;
    const [, most] = maskedPositions.shape;
    const masked = [...maskedPositions.data].flatMap((position, i) =>
      maskedWeights.data[i] === 1 ? [32 * Math.floor(i / most) + position] : [],
    );
    expect(reached).toEqual(masked);
    expect(gradients["states.2"]).toBeUndefined();
  });
});

describe("condenser's examples", () => {
  const lengths = (shortShare: number) => {
    const options = objectiveOptions(condenser, { shortShare });
    const document = testDocuments[0]!;
    return Array.from({ length: 300 }, (_, draw) => {
      const random = seeded(draw, "examples");
      const [row] = condenser.examples(document, {
        random,
        tokenizer,
        options,
        number: 0,
        prepared: undefined,
        maxTokens: 32,
      });
      return row!.inputIds.length;
    });
  };

  it("are short now and then, by a share", () => {
    expect(new Set(lengths(0))).toEqual(new Set([32]));
    const short = lengths(0.5).filter((length) => length < 32);
    expect(Math.abs(short.length - 145)).toBeLessThan(45); // five deviations; 2 of 30 draws give the longest
    expect(Math.min(...short)).toBe(4);
  });

  it("mask 15 % of the pieces, in whole words", () => {
    const options = objectiveOptions(condenser, { shortShare: 0 });
    const document = { id: "all", title: "", text: testDocuments.map(({ text }) => text).join(" ") };
    for (let draw = 0; draw < 20; draw++) {
      const random = seeded(draw, "examples");
      const given = { random, tokenizer, options, number: 0, prepared: undefined, maxTokens: 512 };
      const [row] = condenser.examples(document, given);
      const pieces = row!.inputIds.length - 2; // [CLS] and [SEP]; 510 of them: more than PROP's limit of 60 are masked
      expect(Math.abs(row!.positions.length - 0.15 * pieces)).toBeLessThanOrEqual(1.5);
      const original = [...row!.inputIds];
      row!.positions.forEach((position, i) => {
        original[position] = row!.labels[i]!;
      });
      const masked = new Set(row!.positions);
      original.forEach((id, place) => {
        if (place > 1 && tokenizer.isContinuation(id)) expect(masked.has(place)).toBe(masked.has(place - 1));
      });
    }
  });
});
