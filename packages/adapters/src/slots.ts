/** Rows that belong to different adapters, laid out so that few layouts are to be compiled. */

/** Neighbouring places of a batch that one adapter answers for. */
export interface Slot<Key> {
  key: Key;
  /** Which row stands at each of its places; the first also where there are too few. */
  rows: number[];
}

/**
 * The rows of each key in slots, all slots of one size and those of a kind together. A layout is then a size and the number of slots of each kind: which key they belong to, and how many rows of each there
 * were, does not show. At most about a fifth of the places is filling.
 *
 * @param keys Of each row.
 */
export function slotsOf<Key>(keys: readonly Key[], kindOf: (key: Key) => string): Slot<Key>[] {
  const rowsOf = new Map<Key, number[]>();
  for (const [row, key] of keys.entries()) rowsOf.set(key, [...(rowsOf.get(key) ?? []), row]);
  const size = sizeFor([...rowsOf.values()].map((rows) => rows.length));
  const ofKind = new Map<string, Slot<Key>[]>();
  for (const [key, rows] of rowsOf) {
    const slots = ofKind.get(kindOf(key)) ?? [];
    for (let start = 0; start < rows.length; start += size)
      slots.push({ key, rows: filled(rows.slice(start, start + size), size) });
    ofKind.set(kindOf(key), slots);
  }
  return [...ofKind]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, slots]) => filled(slots, roundedUp(slots.length)));
}

const MOST_FILLING = 1 / 8; // of the rows

/** The largest power of two with which few places are empty. */
function sizeFor(counts: readonly number[]): number {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const places = (size: number) => counts.reduce((sum, count) => sum + Math.ceil(count / size) * size, 0);
  let size = 1;
  while (places(2 * size) - rows <= MOST_FILLING * rows) size *= 2;
  return size;
}

/** Up to 16 slots any number; beyond, even numbers up to 32, and so on: four binary digits that may differ from 0. */
const roundedUp = (count: number): number => {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(count)) - 4);
  return Math.ceil(count / step) * step;
};

const filled = <T>(list: readonly T[], length: number): T[] => [
  ...list,
  ...Array<T>(length - list.length).fill(list[0]!),
];
