/** Flags that everything that trains has. */
import { choice, defaulted, type Flags, integer, number, required, text } from "./flag.ts";

/** What the help says of defaults that differ between trainings; the values are the packages' own. */
export interface TrainingDefaults {
  batch: number;
  /** What one of them is: `examples`. */
  unit: string;
  epochs: number;
  /** The learning rate's, in words. */
  lr: string;
  /** Likewise the longest input's. */
  longest: string;
}

/** Where the training goes, how long it is, how it learns. */
export const trainingFlags = ({ batch, unit, epochs, lr, longest }: TrainingDefaults) =>
  ({
    out: required(text("DIR", "model folder to write")),
    steps: integer("N", "updates, in place of --epochs"),
    epochs: number("N", `passes over what is learnt from; default: ${epochs}`, { above: 0 }),
    batch: defaulted(integer("N", `${unit} per update`), batch),
    maxTokens: integer("N", `longest input, special tokens included; default: ${longest}`, { min: 8, max: 512 }),
    lr: number("X", `highest learning rate; default: ${lr}`, { above: 0 }),
    warmupRatio: defaulted(
      number("X", "part of the updates in which the learning rate rises", { min: 0, below: 1 }),
      0.1,
    ),
    seed: defaulted(integer("N", "of everything random", { min: 0 }), 1),
    checkpointEvery: defaulted(integer("N", "updates between checkpoints"), 500),
    resume: defaulted(
      choice(["auto", "never", "must"], "go on in --out: if a training stopped there, never, or only if one did"),
      "auto",
    ),
    memory: choice(
      ["fast", "small"],
      "small: slower by about a tenth where inputs are of many lengths, for half the memory; default fast",
    ),
  }) as const satisfies Flags;

/** What runs the tensors. */
export const engineFlags = {
  backend: defaulted(choice(["onnx", "cpu"], "onnx: onnxruntime; cpu: slow and simple, for comparison"), "onnx"),
  threads: integer("N", "threads of one operation; default: the machine's cores"),
} as const satisfies Flags;
