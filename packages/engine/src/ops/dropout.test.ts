import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { checkOp, evaluate, floats } from "../../test/check-op.ts";
import { scope } from "../index.ts";

describe("dropout", () => {
  const inputs = { x: floats("x", 4, 8) };
  checkOp(inputs, {
    op: (all, _, dropout) => scope(all, "", { dropout }).dropout(all.x!, 0.4),
    plain: (all, _, dropout) => tf.mul(all.x!, dropout.mask([4, 8], 0.4)!),
  });

  it("adds nothing at rate 0 and outside training", async () => {
    await evaluate("onnx", inputs, {}, (all, _, dropout) => {
      expect(scope(all, "", { dropout }).dropout(all.x!, 0)).toBe(all.x);
      expect(scope(all).dropout(all.x!, 0.5)).toBe(all.x);
      return all.x!;
    });
  });
});
