import { describe } from "vitest";
import { checkOp, floats } from "../../test/check-op.ts";
import { layerNorm, plainLayerNorm, scope } from "../index.ts";

describe("layerNorm", () => {
  const inputs = { x: floats("x", 2, 3, 8), "norm.weight": floats("weight", 8), "norm.bias": floats("bias", 8) };
  checkOp(inputs, {
    op: (all) => layerNorm(scope(all, "norm"), all.x!),
    plain: (all) => plainLayerNorm(scope(all, "norm"), all.x!),
  });
});
