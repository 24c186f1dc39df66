/** `propria finetune drmm`, `knrm` and `conv-knrm`: the same flags and the same run, but for the model's own options. */
import { openCollection } from "@propria/collection";
import {
  finetuneInteraction,
  type InteractionBeginning,
  type InteractionName,
  type InteractionOptions,
  type InteractionTraining,
  interactionConfig,
  interactionTraining,
} from "@propria/rankers";
import { wordVectorOptions } from "@propria/word-vectors";
import { choice, defaulted, type Flags, number, required, text } from "../flags/flag.ts";
import { flagsOfForm } from "../flags/from-form.ts";
import { labelsFlag } from "../flags/labels.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { wordFlags, wordSettingsOf } from "../flags/words.ts";
import { type Command, defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finetuningDisplay } from "./display.ts";
import { lengthOf } from "./length.ts";
import { crossValidated, validated, validatingOf, validationFlags } from "./validation.ts";

/** What differs between the three. */
interface Kind {
  model: InteractionName;
  description: string;
  batch: number;
  lr: string;
}

const NOT_OF_THE_VECTORS = ["seed", "learningRate", "epochs", "negatives"]; // flags of the training; propria vectors has them all
const NOT_OF_THE_MODEL = ["model", "words", "dimensions"]; // said by the command's name, and by flags of their own

/** The command that trains one of the models. */
export function interactionCommand({ model, description, batch, lr }: Kind): Command {
  const form = interactionConfig.options.find(({ shape }) => shape.model.value === model)!;
  const own = flagsOfForm(form, NOT_OF_THE_MODEL);
  const learning = flagsOfForm(interactionTraining, ["labels"]);
  const vectorFlags = flagsOfForm(wordVectorOptions, NOT_OF_THE_VECTORS);
  const { maxTokens: _, ...training } = trainingFlags({ batch, unit: "groups", epochs: 10, lr, longest: "" });
  const fixed = {
    collection: required(text("PATH", "BEIR folder, or FORMAT:PATH")),
    ...validationFlags,
    vectors: defaulted(
      text("train|FILE", "word vectors: learnt from the collection, or a text file of word2vec, fastText or GloVe"),
      "train",
    ),
    negatives: defaulted(text("bm25|FILE", "bm25, or a run or JSON lines with each query's"), "bm25"),
    labels: labelsFlag,
    ...wordFlags,
    ...training,
    warmupRatio: defaulted(
      number("X", "part of the updates in which the learning rate rises", { min: 0, below: 1 }),
      0,
    ),
    memory: choice(["fast", "small"], "small: slower where inputs are of many lengths, for less memory; default fast"),
    ...engineFlags,
  } as const satisfies Flags;
  const pick = (values: object, flags: Flags) =>
    given(Object.fromEntries(Object.keys(flags).map((name) => [name, (values as Record<string, unknown>)[name]])));
  const command = defineCommand<typeof fixed>({
    description,
    examples: [`propria finetune ${model} --collection wikiqa --split train --vectors train --out ${model}`],
    onInterrupt: "resumes",
    trains: true,
    flags: { ...fixed, ...own, ...learning, ...vectorFlags },
    async run(values, context) {
      const { signal, print, note, echoSettings } = context;
      const { collection, split, vectors, negatives, lr, out, steps, epochs, stem, stopwords, wordPattern } = values;
      const validating = await validatingOf(values);
      const words = await wordSettingsOf({ stem, stopwords, wordPattern, segment: values.segment });
      const display = finetuningDisplay(`training ${model}`, context);
      const { batch, warmupRatio, seed, checkpointEvery, resume, memory, backend, threads } = values;
      const training = {
        model: { model, words, ...pick(values, own) } as InteractionOptions,
        collection: await openCollection(collection),
        vectors: vectors === "train" ? { train: { seed, ...pick(values, vectorFlags) } } : { file: vectors },
        negatives: negatives === "bm25" ? ("bm25" as const) : { file: negatives },
        ...(pick(values, learning) as Partial<InteractionTraining>),
        ...lengthOf(steps, epochs),
        ...{ out, batch, warmupRatio, seed, checkpointEvery, resume, backend },
        ...given({ split, learningRate: lr, labels: values.labels, memory, threads }),
        signal,
        onStart({ queries, shortOfNegatives, words, vectors }: InteractionBeginning) {
          const short = shortOfNegatives > 0 ? `; ${shortOfNegatives} get random negatives besides` : "";
          note(`${queries} queries${short}; ${words} words, ${vectors} with a vector`);
        },
      };
      if (validating.folds !== undefined) return crossValidated({ ...training, ...validating }, context, display);
      const { onPrepare, onProgress, onValidation, end } = display;
      const result = await finetuneInteraction({ ...training, ...validating, onPrepare, onProgress, onValidation });
      end();
      await echoSettings(result.folder);
      const found = validated(result.validation, values.validate);
      print(`${result.folder}: ${result.steps} steps, loss ${result.loss.toFixed(4)}${found}`);
    },
  });
  return command as unknown as Command;
}
