import { PropriaError } from "@propria/base";
import { openCorpus } from "@propria/collection";
import { loadObjective, type Pretraining, type PretrainingResult, pretrain, pretrainRounds } from "@propria/objectives";
import { adapterFlags, adapterOf } from "../flags/adapter.ts";
import { integer, number, pairs, required, text } from "../flags/flag.ts";
import { refuseForeign } from "../flags/foreign.ts";
import { engineFlags, trainingFlags } from "../flags/training.ts";
import { defineCommand } from "../program/command.ts";
import { given } from "../program/given.ts";
import { finalLoss, trainingDisplay } from "../training/display.ts";
import { lengthOf } from "../training/length.ts";
import { startOf } from "../training/start.ts";

/** `propria pretrain` */
export default defineCommand({
  description: "Pre-trains an encoder on a corpus, without labels, and saves it in the Hugging Face layout.",
  examples: [
    "propria pretrain --corpus packages:node_modules --objective prop --config tiny --vocab vocab --steps 1000 --out prop",
    "propria pretrain --corpus text/ --objective mlm --init prop --adapter lora --lr 1e-3 --out prop-lora",
    "propria pretrain --corpus text/ --objective ./mine.ts --option cropTokens=32 --init prop --epochs 1 --out mine",
  ],
  onInterrupt: "resumes",
  trains: true,
  flags: {
    corpus: required(text("PATH", "collection, JSONL file, folder of JSONL parts, or FORMAT:PATH")),
    objective: required(
      text("NAME|FILE", "a built-in (propria list objectives), or a .ts or .js file that exports one"),
    ),
    option: pairs("k=v", "an option of the objective; may be repeated"),
    init: text("DIR", "model to start from; or give --config and --vocab"),
    config: text("NAME|FILE", "shape of a fresh encoder: tiny, mini, small, medium, base, or a config.json"),
    vocab: text("PATH", "vocabulary of a fresh encoder: a folder, vocab.txt or tokenizer.json"),
    vectors: text(
      "FILE",
      "word vectors of the vocabulary's pieces (propria vectors --vocab) that a fresh encoder's embeddings start as",
    ),
    rounds: integer(
      "N",
      "train N times, OUT/round-1, OUT/round-2, …, each from the model before: b-prop then samples by what it learnt; default: once, into OUT",
    ),
    chunk: integer(
      "N",
      "examples computed at a time, of a contrastive objective: less memory, the same loss; default: all of the batch",
    ),
    dropout: number("X", "share of activations that this training drops; default: the model's own", {
      min: 0,
      below: 1,
    }),
    ...adapterFlags,
    ...trainingFlags({
      batch: 32,
      unit: "examples",
      epochs: 1,
      lr: "1e-4 for a fresh encoder, 2e-5 for --init",
      longest: "512, or what the encoder has positions for",
    }),
    ...engineFlags,
  },
  async run(
    {
      corpus,
      objective,
      option,
      rounds,
      init,
      config,
      vocab,
      vectors,
      adapter,
      adapterOption,
      steps,
      epochs,
      lr,
      ...others
    },
    context,
  ) {
    const { signal, print, note, echoSettings } = context;
    const length = lengthOf(steps, epochs);
    const start = await startOf({ init, config, vocab, vectors });
    if (others.chunk !== undefined) await mustBeInStages(objective);
    if (adapter !== undefined) refuseForeign({ rounds }, "--adapter");
    const adapted = await adapterOf({ adapter, adapterOption, init }, context);
    let display = trainingDisplay(`pre-training ${objective}`, context);
    const training: Pretraining = {
      corpus: await openCorpus(corpus),
      objective,
      options: option,
      start,
      ...length,
      ...given({ ...others, learningRate: lr }),
      ...adapted,
      signal,
      onPrepare: (documents) => display.onPrepare(documents),
      onNote: note,
      onStart: ({ freshHeads }) => {
        if (freshHeads.length > 0) note(`the model lacks ${freshHeads.join(", ")}: fresh`);
      },
      onProgress: (progress) => display.onProgress(progress),
    };
    const tell = ({ folder, steps, meanLoss }: PretrainingResult) =>
      print(`${folder}: ${steps} steps, ${finalLoss(meanLoss)}`);
    if (rounds === undefined) {
      const result = await pretrain(training);
      display.end();
      await echoSettings(result.folder);
      tell(result);
      return;
    }
    const results = await pretrainRounds({
      ...training,
      rounds,
      onRound({ round, folder, finished }) {
        display.end();
        if (finished) note(`${folder}: finished before`);
        display = trainingDisplay(`round ${round} of ${rounds}, pre-training ${objective}`, context);
      },
    });
    display.end();
    await echoSettings(training.out);
    for (const { trained } of results) if (trained) tell(trained);
  },
});

/** @throws {PropriaError} `FLAG_CONFLICT` for an objective whose loss cannot be computed in chunks; those of `loadObjective`. */
async function mustBeInStages(name: string): Promise<void> {
  if ((await loadObjective(name)).represent !== undefined) return;
  throw new PropriaError("FLAG_CONFLICT", `the loss of ${name} is a plain one, which cannot be cut`, {
    at: "--chunk",
    mend: "leave it out; objectives with represent and contrast, such as costa, can be computed in chunks",
  });
}
