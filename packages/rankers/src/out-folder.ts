/** The folder that a fine-tuning writes. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import type { FineTuning } from "./fine-tuning.ts";

const WORK = "data";

/** Where the working copy of the training data is until the model is written. */
export const workFolder = (out: string): string => join(out, WORK);

/** A finished model, or a folder that is no training of ours, is not written into; nor is a training begun that was to go on. @throws {PropriaError} `OUTPUT_EXISTS`, `NOTHING_TO_RESUME`. */
export function refuseOther({ out, resume = "auto" }: Pick<FineTuning, "out" | "resume">): void {
  if (resume === "must" && !existsSync(join(out, "training.json")))
    throw new PropriaError("NOTHING_TO_RESUME", "holds no training", { at: out, mend: "start one with resume auto" });
  if (!existsSync(out)) return;
  const names = readdirSync(out);
  const unfinished =
    !names.includes("propria.json") && (names.includes("training.json") || names.every((name) => name === WORK));
  if (unfinished && resume !== "never") return;
  if (names.length === 0) return;
  throw new PropriaError("OUTPUT_EXISTS", unfinished ? "holds an unfinished training" : "exists already", {
    at: out,
    mend: unfinished ? "resume it, name another folder, or remove this one" : "name another folder, or remove this one",
  });
}
