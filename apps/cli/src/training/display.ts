/** How a training shows while it runs. */
import type { CrossEncoderTraining, FoldProgress, StageProgress, ValidationProgress } from "@propria/rankers";
import type { TrainingProgress } from "@propria/trainer";
import type { CommandContext } from "../program/command.ts";
import type { Step } from "../program/progress.ts";

type Context = Pick<CommandContext, "progress" | "log">;
type Stage = Parameters<NonNullable<CrossEncoderTraining["onPrepare"]>>[0];

/** What a pre-training calls, and the end of it. */
export interface TrainingDisplay {
  onPrepare(documents: number): void;
  onProgress(progress: TrainingProgress): void;
  end(): void;
}

/** The same for fine-tuning, which prepares in stages. */
export interface FinetuningDisplay extends Omit<TrainingDisplay, "onPrepare"> {
  onPrepare(stage: Stage): void;
  onValidation(progress: ValidationProgress): void;
  onFold(progress: FoldProgress): void;
}

/** Bars of a pre-training: reading the corpus, then the steps with the loss and the time left. */
export function trainingDisplay(title: string, context: Context): TrainingDisplay {
  const shown = steps(context);
  return {
    onPrepare: (documents) => shown("reading the corpus", "documents").update(documents),
    onProgress: (at) => onStep(shown(title, "steps"), at, context),
    end: shown.end,
  };
}

const STAGES: Readonly<Record<Stage["stage"], { title: string; unit: string }>> = {
  words: { title: "counting the words", unit: "documents" },
  vectors: { title: "learning word vectors", unit: "documents" },
  documents: { title: "reading the corpus", unit: "documents" },
  index: { title: "indexing", unit: "documents" },
  negatives: { title: "finding negatives", unit: "queries" },
  candidates: { title: "finding candidates", unit: "queries" },
};

/** Bars of a fine-tuning; of each fold, where there are several. */
export function finetuningDisplay(title: string, context: Context): FinetuningDisplay {
  const shown = steps(context);
  let fold = "";
  let totalSteps: number | undefined;
  return {
    onPrepare: ({ stage, done }) => shown(`${fold}${STAGES[stage].title}`, STAGES[stage].unit).update(done),
    onProgress(at) {
      totalSteps = at.totalSteps;
      onStep(shown(`${fold}${title}`, "steps"), at, context);
    },
    onValidation({ step, pairs, totalPairs, measure, value }) {
      const found =
        value === undefined ? `validating, ${pairs} of ${totalPairs} pairs` : `${measure} ${value.toFixed(4)}`;
      shown(`${fold}${title}`, "steps").update(step, totalSteps, found);
      if (value !== undefined) context.progress.note(`${fold}step ${step}: ${found}`);
    },
    onFold({ fold: number, folds, doing, pairs, totalPairs }) {
      fold = `fold ${number}/${folds}: `;
      if (doing === "skip") {
        shown.end();
        context.progress.note(`${fold}finished before`);
      } else if (doing === "test") shown(`${fold}testing`, "pairs").update(pairs, totalPairs);
    },
    end: shown.end,
  };
}

/** Bars of a fine-tuning in stages. */
export function stagesDisplay(context: Context) {
  const shown = steps(context);
  let at = "";
  return {
    onStage({ stage, number, stages, doing, done }: StageProgress) {
      at = `${number}/${stages} ${stage}`;
      if (doing === "skip") {
        shown.end();
        context.progress.note(`${at}: finished before`);
      } else if (doing === "encode") shown(`${at}: encoding`, "documents").update(done);
      else if (doing === "mine") shown(`${at}: mining`, "queries").update(done);
    },
    onPrepare: ({ stage, done }: Stage) => shown(`${at}: ${STAGES[stage].title}`, STAGES[stage].unit).update(done),
    onProgress: (progress: TrainingProgress) => onStep(shown(`${at}: fine-tuning`, "steps"), progress, context),
    end: shown.end,
  };
}

/** A training's loss in its last line: one step's alone is noise. */
export const finalLoss = (mean: number): string => `loss ${mean.toFixed(4)} (mean of the last steps)`;

const LOG_EVERY_STEPS = 10;

function onStep(step: Step, at: TrainingProgress, { log }: Context): void {
  step.update(at.step, at.totalSteps, `loss of the last step ${at.loss.toFixed(3)}`);
  if (at.step % LOG_EVERY_STEPS === 0) log.info(at, "step");
}

/** The step of that title: the one that runs, or a new one after the end of the one before. */
function steps({ progress }: Context) {
  let running: { title: string; step: Step } | undefined;
  const end = () => {
    running?.step.end();
    running = undefined;
  };
  const shown = (title: string, unit: string): Step => {
    if (running?.title !== title) {
      end();
      running = { title, step: progress.start(title, unit) };
    }
    return running.step;
  };
  return Object.assign(shown, { end });
}
