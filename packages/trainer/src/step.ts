import { type Batch, type CachedStep, cachedStep, trainingStep, wholeLoss } from "@propria/engine";
import type { Settings } from "./options.ts";

/** What the loop runs: an update by a batch, in one piece or in chunks. */
export type Step<B extends Batch> = Pick<CachedStep<B>, "run" | "release">;

/** The step that the settings ask for: cached when there is a chunk, else whole. */
export function stepOf<B extends Batch>({
  backend,
  store,
  seed,
  optimizer,
  sessions,
  loss,
  chunk,
}: Settings<B>): Step<B> {
  const options = { backend, store, seed, optimizer, ...(sessions !== undefined && { sessions }) };
  if (typeof loss !== "function" && chunk !== undefined) return cachedStep({ ...options, loss });
  const step = trainingStep<B>({ ...options, loss: typeof loss === "function" ? loss : wholeLoss(loss) });
  return {
    run: ([batch], at) => step.run(batch!, at),
    release: () => step.release(),
  };
}
