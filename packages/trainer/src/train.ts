import { PropriaError } from "@propria/base";
import type { Batch, StepResult } from "@propria/engine";
import type { BatchFeed } from "./batch-feed.ts";
import { firstCursor, type PlannedBatch } from "./batch-plan.ts";
import { loadCheckpoint, type TrainingState, writeCheckpoint } from "./checkpoint.ts";
import { bestOf, type Evaluated, evaluated, forgetOthers, isDue, isOver, loadBest } from "./evaluation.ts";
import { type EventLog, openEventLog } from "./event-log.ts";
import { identityOf } from "./identity.ts";
import { fractionDone, learningRateBetween } from "./learning-rate.ts";
import { onDisk } from "./on-disk.ts";
import { openFeed } from "./open-feed.ts";
import { type Settings, settingsOf, type TrainOptions } from "./options.ts";
import { type Pace, progressOf } from "./progress.ts";
import { stepOf } from "./step.ts";
import { openTrainingFolder } from "./training-folder.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** What came of a training. The trained weights are in the store. */
export interface TrainingResult {
  /** Updates in all, those before a resume too. */
  steps: number;
  /** The step of the checkpoint that this call went on from; 0 for a new training. */
  resumedFrom: number;
  /** Mean loss of the last `meanOver` steps. */
  meanLoss: number;
  meanOver: number;
  /** Real tokens trained on. */
  tokens: number;
  elapsedSeconds: number;
  tokensPerSecond: number;
  /** Where the training is evaluated: all values, and the best, whose weights are in the store. */
  evaluations?: readonly Evaluated[];
  best?: Evaluated;
}

const MEAN_OVER = 100; // steps; of the summary's loss

const BEGINNING: TrainingState = {
  step: 0,
  cursor: firstCursor(0),
  eventsBytes: 0,
  elapsedSeconds: 0,
  tokens: 0,
  recentLosses: [],
};

/**
 * Trains the parameters in `store` and leaves checkpoints, events and the identity of the training in `out`.
 *
 * A training that was stopped at any instant goes on from its last checkpoint and ends with the same weights, bit for
 * bit, as one never stopped (same backend and thread count). Called on a finished training, it loads the trained weights.
 *
 * @throws {PropriaError} `INTERRUPTED` when `signal` aborted, after a checkpoint; `DISK_FULL`, `OUT_NOT_WRITABLE`;
 *   `TRAINING_EXISTS`, `NOTHING_TO_RESUME`, `OTHER_OPTIONS`, `CHECKPOINTS_TORN`, `EVENTS_SHORT`; `NO_EXAMPLES`, `NO_BATCH`,
 *   `ROW_TOO_LONG`, `SOURCE_CHANGED`, `SOURCE_MODULE`, `DATA_WORKER_DIED`; `OPTION_INVALID`; the engine's; the source's.
 */
export async function train<B extends Batch = Batch>(options: TrainOptions<B>): Promise<TrainingResult> {
  const settings = settingsOf(options);
  const { out, store, resume } = settings;
  const identity = identityOf(settings); // taken while the store still holds the initial weights
  const { checkpoint, ...folder } = await onDisk(out, () => openTrainingFolder(out, { identity, resume }));
  if (checkpoint) loadCheckpoint(checkpoint, store);
  const start = checkpoint?.state ?? BEGINNING;
  const events = await onDisk(folder.events, () => openEventLog(folder.events, start.eventsBytes));
  try {
    const end = await runSteps(settings, start, { ...folder, events });
    const best = bestOf(end.evaluations ?? []);
    if (best) loadBest(folder.best, store, best);
    return { ...summary(end, start.step), ...(best && { evaluations: end.evaluations!, best }) };
  } finally {
    events.close();
  }
}

/** The loop: a batch, an update, an event, now and then a checkpoint. Gives the state after the last step. */
async function runSteps<B extends Batch>(
  settings: Settings<B>,
  start: TrainingState,
  { events, checkpoints, best }: { events: EventLog; checkpoints: string; best: string },
): Promise<TrainingState> {
  const { store, length, clock, out, signal, evaluation } = settings;
  const startedMs = clock();
  const pace: Pace = { start, startFraction: fractionDone(start, length) };
  let state = start;
  let saved = start.step;
  const save = async (): Promise<void> => {
    if (saved === state.step) return;
    await onDisk(checkpoints, () => {
      events.flush();
      return writeCheckpoint(checkpoints, store, { ...state, eventsBytes: events.bytes });
    });
    saved = state.step;
    forgetOthers(best, state.evaluations ?? []);
  };
  const evaluate = async (): Promise<void> => {
    try {
      state = await evaluated(state, evaluation!, { store, best });
    } catch (error) {
      if (!signal?.aborted) throw error;
      state = { ...state, evaluationDue: true };
      await save();
      throw interrupted(out, state.step);
    }
  };

  const step = stepOf(settings);
  let feed: BatchFeed | undefined;
  try {
    const isNew = state.step === 0 && state.evaluations === undefined;
    if (evaluation && (state.evaluationDue || (isNew && evaluation.first))) await evaluate();
    while (length.steps === undefined || state.step < length.steps) {
      if (evaluation && isOver(state.evaluations ?? [], evaluation)) break;
      feed ??= await openFeed(settings, start.step > 0 ? start.cursor : undefined);
      const planned = await unlessAborted(feed.next(), signal);
      if (signal?.aborted) {
        await save();
        throw interrupted(out, state.step);
      }
      if (!planned) break; // the last epoch is over
      const before = state;
      const learningRate = learningRateBetween(before, { step: before.step + 1, cursor: planned.cursor }, settings);
      const result = await step.run(planned.batches as B[], { step: before.step + 1, learningRate });
      state = advance(before, planned, {
        ...result,
        elapsedSeconds: start.elapsedSeconds + (clock() - startedMs) / 1000,
      });
      const { parts, gradientNorm } = result;
      const event = { step: state.step, loss: result.loss, parts, learningRate, gradientNorm, tokens: planned.tokens };
      await onDisk(out, () => events.append({ ...event, elapsed: state.elapsedSeconds }));
      settings.onProgress(progressOf(state, event, pace, length));
      const due = evaluation !== undefined && isDue(before, state, evaluation);
      if (due) await evaluate();
      if (due || state.step % settings.checkpointEvery === 0) await save();
    }
    if (evaluation && state.step > 0 && state.evaluations?.at(-1)?.step !== state.step) await evaluate();
    await save();
  } finally {
    await feed?.close();
    await step.release();
  }
  if (state.step === 0) throw noBatch();
  return state;
}

/** The state after one more update. */
function advance(
  state: TrainingState,
  { cursor, tokens }: PlannedBatch,
  { loss, elapsedSeconds }: StepResult & { elapsedSeconds: number },
): TrainingState {
  return {
    step: state.step + 1,
    cursor,
    eventsBytes: state.eventsBytes,
    elapsedSeconds,
    tokens: state.tokens + tokens,
    recentLosses: [...state.recentLosses, loss].slice(-MEAN_OVER),
    ...(state.evaluations && { evaluations: state.evaluations }),
  };
}

function summary({ step, tokens, elapsedSeconds, recentLosses }: TrainingState, resumedFrom: number): TrainingResult {
  const meanOver = recentLosses.length;
  const meanLoss = recentLosses.reduce((sum, loss) => sum + loss, 0) / meanOver;
  const tokensPerSecond = elapsedSeconds > 0 ? tokens / elapsedSeconds : 0;
  return { steps: step, resumedFrom, meanLoss, meanOver, tokens, elapsedSeconds, tokensPerSecond };
}

const interrupted = (out: string, step: number): PropriaError =>
  new PropriaError("INTERRUPTED", `stopped after step ${step}`, { at: out, mend: "train with resume to go on" });

const noBatch = (): PropriaError =>
  new PropriaError("NO_BATCH", "all epochs together do not fill one batch", {
    mend: 'give a smaller batch, more epochs, or remainder "train"',
  });
