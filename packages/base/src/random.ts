import { philox4x32 } from "./philox.ts";

/** A stream of random numbers that is a function of a seed and names alone. */
export interface Random {
  /** Uniform in [0, 1), of 32 bits. */
  (): number;
  /** Uniform among 0 … `below` − 1, without bias; `below` ≤ 2³². */
  int(below: number): number;
  /** Another stream, a function of this one's seed and names and of `names`; drawing from one does not move the other. */
  fork(...names: (string | number)[]): Random;
  /** A uniform permutation of 0 … `count` − 1. */
  permutation(count: number): Uint32Array;
}

/**
 * The stream named by a seed, a purpose and whatever numbers it: any example can be drawn without drawing
 * the ones before it, so a resumed run draws what the unbroken one would have.
 *
 * @param seed  Any safe integer.
 * @param names For whom: `seeded(7, "masks", epoch, documentIndex)`.
 * @see philox4x32, the generator behind it.
 * @example
 * const random = seeded(7, "masks", 0, 41);
 * random.int(6); // always the same die
 */
export function seeded(seed: number, ...names: (string | number)[]): Random {
  return stream(hashNames(hashNames([0x243f6a88, 0x85a308d3], [seed]), names)); // the first words of π
}

type Key = readonly [number, number];

function stream(key: Key): Random {
  const keys = Uint32Array.from(key);
  const counter = new Uint32Array(4);
  const words = new Uint32Array(4);
  let used = 4;
  const word = (): number => {
    if (used === 4) {
      philox4x32(counter, keys, words);
      counter[0]!++;
      if (counter[0] === 0) counter[1]!++; // the word wrapped
      used = 0;
    }
    return words[used++]!;
  };
  const int = (below: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % below); // the last, incomplete run of remainders is drawn again
    let drawn = word();
    while (drawn >= limit) drawn = word();
    return drawn % below;
  };
  return Object.assign(() => word() / 2 ** 32, {
    int,
    fork: (...names: (string | number)[]) => stream(hashNames(key, names)),
    permutation(count: number) {
      const order = Uint32Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = int(i + 1);
        const kept = order[i]!;
        order[i] = order[j]!;
        order[j] = kept;
      }
      return order;
    },
  });
}

/** Folds names into a key: each name's bytes are hashed (FNV-1a, twice), then stirred by Philox under the key so far. */
function hashNames(key: Key, names: readonly (string | number)[]): Key {
  let [high, low] = key;
  for (const name of names) {
    const text = typeof name === "number" ? `#${name}` : `$${name}`;
    const words = Uint32Array.of(fnv1a(text, 0x811c9dc5), fnv1a(text, 0x01000193 ^ text.length), text.length, 0);
    philox4x32(words, Uint32Array.of(high, low), words);
    high = words[0]!;
    low = words[1]!;
  }
  return [high, low];
}

function fnv1a(text: string, offset: number): number {
  let hash = offset;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}
