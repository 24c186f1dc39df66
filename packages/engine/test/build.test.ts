import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";

const built = ["index.js", "index.cjs"].every((file) => existsSync(new URL(`../dist/${file}`, import.meta.url)));
const root = createRequire(import.meta.url).resolve("../package.json");

/** Trains on both backends with tfjs as the program's own kind of module sees it. */
const program = (load: string) => `
  ${load}
  (async () => {
    for (const name of ["cpu", "onnx"]) {
      const store = engine.ParameterStore.create({ w: { shape: [2], data: Float32Array.of(1, 2) } });
      const loss = ({ w }, { x }) => ({ loss: tf.sum(tf.softmax(tf.mul(w, x))) });
      const step = engine.trainingStep({ backend: await engine.openBackend(name), store, seed: 1, loss });
      const { loss: value } = await step.run({ x: { data: Float32Array.of(3, 4), shape: [2] } }, { step: 1, learningRate: 0.1 });
      console.log(name, value.toFixed(3));
    }
  })();`;

const run = (type: "module" | "commonjs", load: string): string =>
  execFileSync(process.execPath, [`--input-type=${type}`, "--eval", program(load)], {
    cwd: new URL(".", `file://${root}`),
    encoding: "utf8",
  });

describe("the built package", () => {
  it.skipIf(!built)("works with tfjs imported and required: its engine and gradients are the same", () => {
    const imported = 'import * as engine from "@propria/engine"; import * as tf from "@tensorflow/tfjs-core";';
    const required = 'const engine = require("@propria/engine"); const tf = require("@tensorflow/tfjs-core");';
    for (const output of [run("module", imported), run("commonjs", required)])
      expect(output).toBe("cpu 1.000\nonnx 1.000\n");
  });
});
