import { philox4x32, seeded } from "@propria/base";

const MOST_SHUFFLED = 65536; // items whose order is held in memory, 4 bytes each
const ROUNDS = 6; // four make a pseudo-random permutation (Luby and Rackoff, 1988); two more for narrow halves

/**
 * A seeded order of items in which each comes once: position → item.
 *
 * Few items are shuffled. Beyond 65,536 the order is a Feistel cipher over positions, walked until it lands below `count`: it needs
 * no memory and no preparation, however large the corpus.
 *
 * @param count Items, below 2⁵⁰.
 * @see Black and Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002 (cycle walking)
 */
export function epochOrder(seed: number, epoch: number, count: number): (position: number) => number {
  const random = seeded(seed, "items", epoch);
  if (count > MOST_SHUFFLED) return cipherOrder(Uint32Array.of(random.int(2 ** 32), random.int(2 ** 32)), count);
  const order = random.permutation(count);
  return (position) => order[position]!;
}

function cipherOrder(key: Uint32Array, count: number): (position: number) => number {
  const half = 2 ** Math.ceil(Math.log2(count) / 2); // values of one half; half² ≥ count
  const words = new Uint32Array(4);
  const encipher = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < ROUNDS; round++) {
      words.set([right, round, 0, 0]);
      philox4x32(words, key, words);
      const mixed = (left + words[0]!) % half; // half divides 2³²: uniform
      left = right;
      right = mixed;
    }
    return left * half + right;
  };
  return (position) => {
    let item = encipher(position);
    while (item >= count) item = encipher(item);
    return item;
  };
}
