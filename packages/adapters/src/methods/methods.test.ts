import { describe } from "vitest";
import type { Adapter } from "../define-adapter.ts";
import { namedAdapter } from "../index.ts";
import { type AdapterContract, testAdapter } from "../testing.ts";

const small = { rank: 3 };
const contracts: Record<string, AdapterContract> = {
  bitfit: { idle: "self.key.bitfit.bias" },
  lora: { options: { rank: 3 } },
  prefix: { options: { length: 3, middle: 8 }, identityAtStart: false },
  adapter: { options: { ...small, init: "zero-up" } },
  parallel: { options: small },
  mam: { options: { ...small, length: 2, middle: 8 }, identityAtStart: false },
  aside: { options: small },
  "iaa-s": { options: { ...small, asideRank: 2, init: "zero-up" } },
  "iaa-l": { options: { ...small, asideRank: 2, init: "zero-up" } },
  "iaa-m": { options: { ...small, asideRank: 2, init: "zero-up" } },
  "iaa-l:lora": { options: { ...small, asideRank: 2 } },
  "iaa-s:mam": { options: { ...small, length: 2, middle: 8, asideRank: 2 }, identityAtStart: false },
};

const inOrder = Object.entries(contracts).map(
  ([name, contract]) => [name, namedAdapter(name).adapter, contract] as const,
);

describe.each(inOrder)("%s", (_, adapter: Adapter, contract) => {
  testAdapter(adapter, contract);
});

describe.each([
  [
    "adapter after the feed-forward alone, without biases, by ReLU",
    "adapter",
    { rank: 3, targets: ["output"], bias: false, activation: "relu", init: "bert" },
  ],
  ["lora at all linear maps", "lora", { rank: 2, alpha: 5, targets: ["*"] }],
  [
    "a prefix in one layer, of its own rows",
    "prefix",
    { length: 3, reparameterize: false, targets: ["layer.1.attention.self"] },
  ],
] as const)("%s", (_, name, options) => {
  testAdapter(namedAdapter(name).adapter, { options, identityAtStart: name === "lora" });
});
