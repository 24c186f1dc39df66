// A source of masked rows for tests: item -> rows of token ids, four of them masked, as for a masked language model.
const MASKED = 4;

export function openSource({ itemCount, vocabSize, longest }) {
  return {
    itemCount,
    *examples(_item, random) {
      for (let i = 1 + random.int(3); i > 0; i--) {
        const first = 5 + random.int(vocabSize - 5);
        const ids = Array.from(
          { length: MASKED + random.int(longest - MASKED) },
          (_, i) => 5 + ((first + i * i) % (vocabSize - 5)),
        );
        const positions = [...random.permutation(ids.length)].slice(0, MASKED);
        const labels = positions.map((position) => ids[position]);
        for (const position of positions) ids[position] = 4;
        yield { ids, positions, labels };
      }
    },
    collate(examples, { pad }) {
      const shape = [examples.length, MASKED];
      const ints = (name) => ({ data: Int32Array.from(examples.flatMap((example) => example[name])), shape });
      return {
        ...pad(examples.map(({ ids }) => ids)),
        maskedPositions: ints("positions"),
        maskedLabels: ints("labels"),
        maskedWeights: { data: new Float32Array(examples.length * MASKED).fill(1), shape },
      };
    },
  };
}
