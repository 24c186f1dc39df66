// A source of examples for tests: items are bags of token ids from the item's own stream; the label is the parity that they share.
// Options: itemCount, longest, perItem; and ways to go wrong: fail ("propria", "plain", "exit", "loop", "uncloneable") at item failAt.
import { PropriaError } from "@propria/base";

export function openSource({
  itemCount = 20,
  longest = 60,
  perItem = 2,
  fail,
  failAt = -1,
  counter,
  closed,
  slow = 0,
}) {
  if (fail === "open")
    throw new PropriaError("BAGS_CLOSED", "the bags do not open", { at: "bags.mjs:1", mend: "ask nicely" });
  const made = counter && new Int32Array(counter);
  return {
    itemCount,
    *examples(item, random) {
      if (item === failAt) goWrong(fail);
      if (slow > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slow);
      for (let i = random.int(perItem + 1); i > 0; i--) {
        const label = random.int(2);
        const ids = Array.from({ length: 1 + random.int(longest) }, () => 2 + label + 2 * random.int(24));
        yield { ids, label, item };
      }
    },
    collate(examples, { pad }) {
      if (made) Atomics.add(made, 0, 1);
      if (fail === "uncloneable") return { tokens: () => 1 };
      const labels = { data: Float32Array.from(examples, ({ label }) => label), shape: [examples.length] };
      return { tokens: pad(examples.map(({ ids }) => ids)), labels };
    },
    close() {
      if (closed) Atomics.add(new Int32Array(closed), 0, 1);
    },
  };
}

function goWrong(how) {
  if (how === "propria")
    throw new PropriaError("BAG_TORN", "the bag has a hole", { at: "bags.mjs:7", mend: "take another" });
  if (how === "plain") throw new TypeError("bag is not a function");
  if (how === "exit") process.exit(3);
  if (how === "loop") for (;;);
}
