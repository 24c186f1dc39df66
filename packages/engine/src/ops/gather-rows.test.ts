import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { checkOp, floats, integers } from "../../test/check-op.ts";
import { gatherRows, plainGatherRows } from "../index.ts";

const arrays = { indices: integers("indices", 6, 3, 4) }; // some rows twice, some never

describe("gatherRows", () => {
  describe("of a parameter", () => {
    checkOp(
      { table: floats("table", 6, 3) },
      {
        arrays,
        op: ({ table }, { indices }) => gatherRows(table!, indices!),
        plain: ({ table }, { indices }) => plainGatherRows(table!, indices!),
      },
    );
  });

  describe("of a table that is used twice and has a dense gradient besides", () => {
    const form =
      (gather: typeof gatherRows) =>
      ({ table }: Record<string, tf.Tensor>, { indices }: Record<string, tf.Tensor>) =>
        tf.add(tf.add(gather(table!, indices!), gather(tf.square(table!), indices!)), tf.sum(tf.exp(table!)));
    checkOp({ table: floats("table", 6, 3) }, { arrays, op: form(gatherRows), plain: form(plainGatherRows) });
  });
});
