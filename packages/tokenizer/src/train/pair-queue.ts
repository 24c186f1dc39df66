/** A queue of pairs, the most frequent first, between equals the first by the strings of its pieces. */

/** A pair as it was when it was put in; its count may have changed since. */
export interface QueuedPair {
  pair: number;
  count: number;
}

/** Invariant: a binary heap; `comesFirst` is a total order on what is in it. */
export class PairQueue {
  readonly #heap: QueuedPair[] = [];
  readonly #comesFirst: (a: QueuedPair, b: QueuedPair) => boolean;

  constructor(comesFirst: (a: QueuedPair, b: QueuedPair) => boolean) {
    this.#comesFirst = comesFirst;
  }

  push(added: QueuedPair): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(added);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#comesFirst(added, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = added;
  }

  pop(): QueuedPair | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#comesFirst(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#comesFirst(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
