import { seeded } from "@propria/base";
import { type Batch, forwardPass, frozenWeights, type NdArray, openBackend } from "@propria/engine";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { places } from "./places.ts";

interface Documents extends Batch {
  documents: NdArray<[number, number]>;
  relevant: NdArray<[number, number]>;
}

/** The same, one number after the other. */
function expected({ documents, relevant }: Documents) {
  const [batch, size] = documents.shape;
  const most = relevant.shape[1];
  const all = [...documents.data];
  const rows = <T>(of: (query: number) => T[]) => Array.from({ length: batch }, (_, query) => of(query)).flat();
  return {
    positive: rows((query) => all.map((_, column) => Number(column === query * size))),
    relevant: rows((query) => {
      const judged = new Set(relevant.data.subarray(query * most, (query + 1) * most));
      return all.map((id) => Number(judged.has(id)));
    }),
    repeated: rows(() => all.map((id, column) => Number(all.indexOf(id) < column))),
  };
}

describe("places", () => {
  it.each([
    ["onnx", undefined],
    ["onnx", 1],
    ["onnx", 100],
    ["cpu", 100],
  ] as const)(
    "finds positives, judged passages and repeated ones on %s, whatever is compared at a time: %s",
    async (name, compared) => {
      const backend = await openBackend(name, { threads: 1 });
      const random = seeded(7, "places");
      for (let round = 0; round < 8; round++) {
        const [batch, size, most] = [1 + random.int(5), 1 + random.int(4), 1 + random.int(9)];
        const numbers = (columns: number, lowest: number): NdArray<[number, number]> => ({
          data: Int32Array.from({ length: batch * columns }, () => lowest + random.int(12)),
          shape: [batch, columns],
        });
        const given: Documents = { documents: numbers(size, 0), relevant: numbers(most, -1) };
        const pass = forwardPass<Documents>({
          ...{ backend, store: frozenWeights({}), sessions: 1 },
          run: (_, { documents, relevant }) =>
            places({ documents: documents as Tensor2D, relevant: relevant as Tensor2D }, compared),
        });
        const found = await pass.run(given);
        for (const [part, values] of Object.entries(expected(given))) expect([...found[part]!.data]).toEqual(values);
        await pass.release();
      }
    },
  );
});
