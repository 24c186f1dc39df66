import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import type { Corpus } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import { namedConfig } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadObjective, pretrain } from "./index.ts";
import { testDocuments, testVocabulary } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-own-"));
afterAll(() => rmSync(folder, { recursive: true }));
const tokenizer = Tokenizer.fromVocabulary(testVocabulary());

const IMPORTS = `import * as tf from "@tensorflow/tfjs-core";
import { crop, inBatchContrastive } from "@propria/objectives";
import { clsPooling } from "@propria/transformer-core";
import { z } from "zod";
`;

/** Lines 7 to 10 of a file; further members follow. */
const MEMBERS = {
  options: "options: z.object({}),",
  examples: "*examples({ text }, { tokenizer }) { yield tokenizer.encode(text).slice(0, 9); },",
  collate: "collate: (examples, { pad }) => ({ text: pad(examples) }),",
  loss: "loss({ encode }, { text }) { const v = clsPooling(encode(text)); return { loss: tf.mean(v) }; },",
};

let files = 0;
/** A file with some members other than usual. */
function fileWith(members: Partial<Record<string, string>>): string {
  const path = join(folder, `own-${++files}.ts`);
  const lines = Object.values({ ...MEMBERS, ...members }).filter((line) => line !== "");
  writeFileSync(path, `${IMPORTS}export default {\n  name: "own",\n  ${lines.join("\n  ")}\n};\n`);
  return path;
}

const corpus: Corpus = {
  name: "texts",
  async *documents() {
    yield* testDocuments;
  },
};
const config = (vocabSize: number) => ({
  ...namedConfig("tiny", { vocabSize }),
  hiddenSize: 16,
  heads: 2,
  intermediateSize: 32,
});
beforeAll(() => tokenizer.save(folder));
/** The error of two steps, without the path before its name. */
async function mistake(members: Partial<Record<string, string>>, given: object = {}): Promise<string> {
  const [objective, out] = [fileWith(members), join(folder, `out-${files}`)];
  const start = { config, vocabulary: folder };
  const length = { batch: 4, steps: 2, maxTokens: 32, threads: 1 };
  const error: unknown = await pretrain({ corpus, objective, start, out, ...length, ...given }).catch((each) => each);
  expect(error).toMatchObject({ name: "PropriaError", cause: expect.anything() });
  return (error as Error).message.replace(`${objective}:`, "");
}

describe("a mistake in a member of a user's objective", () => {
  it.each<[string, Partial<Record<string, string>>]>([
    ["10: in loss: nope is not defined (define or import it)", { loss: "loss() { return nope(); }," }],
    [
      "10: in loss: crop2 is not defined (did you mean crop of @propria/objectives?)",
      { loss: "loss: ({ encode }, { text }) => ({ loss: crop2(encode(text)) })," },
    ],
    [
      "10: in loss, inside inBatchContrastive: Argument 'b' passed to 'matMul' must be a Tensor or TensorLike, but got 'null' (look at what inBatchContrastive is given there; if that is right, this is a bug in propria: report it with the stack)",
      { loss: "loss: ({ encode }, { text }) => ({ loss: inBatchContrastive(clsPooling(encode(text))) })," },
    ],
    [
      "10: in loss: encode takes { inputIds, attentionMask }, found a tensor of shape [4,32] (write: encode(text), where collate gives text: pad(rows))",
      { loss: "loss: ({ encode }, { text }) => ({ loss: encode(text.inputIds) })," },
    ],
    [
      "10: in loss: loss has shape [4,16] (make it a scalar, with tf.mean or tf.sum)",
      { loss: "loss: ({ encode }, { text }) => ({ loss: clsPooling(encode(text)) })," },
    ],
    [
      "10: in loss: a product of [4,16] and [4,16], where 16 and 4 should be equal (reshape or transpose one of them)",
      {
        loss: "loss({ encode }, { text }) { const v = clsPooling(encode(text)); return { loss: tf.mean(tf.matMul(v, v)) }; },",
      },
    ],
    [
      "10: in loss: the loss depends on no trainable parameter (compute it from encode(…) or parameters)",
      { loss: "loss: () => ({ loss: tf.scalar(1) })," },
    ],
    [
      "10: nope is not defined (define or import it)",
      {
        loss: "loss: ({ encode }, { text }) => ({ loss: tf.mean(tf.customGrad((x) => ({ value: x, gradFunc: () => nope }))(encode(text))) }),",
      },
    ],
    [
      "8: in examples: tokenizer.encod is not a function (is it spelt right, and does this member get it?)",
      { examples: "*examples({ text }, { tokenizer }) { yield tokenizer.encod(text); }," },
    ],
    [
      "8: in examples, inside crop: Cannot read properties of undefined (reading 'int') (look at what crop is given there; if that is right, this is a bug in propria: report it with the stack)",
      { examples: "*examples({ text }, { tokenizer }) { yield crop(tokenizer.encode(text), 5); }," },
    ],
    [
      "8: in examples: gives undefined, which holds no examples (write: *examples(document, …) { yield { … }; })",
      { examples: "examples() {}," },
    ],
    [
      "8: in examples: none of the 8 items gave an example (see for which documents it yields; give more or longer texts, or options that ask for less)",
      { examples: "*examples() {}," },
    ],
    [
      "8: in examples: an example of item 2 has 99 tokens, at most 32 fit (cut rows to maxTokens, special tokens included)",
      { examples: "*examples() { yield new Array(99).fill(1); }," },
    ],
    [
      "9: in collate: text is an array (write: return { text: pad(rows) }, or { data: Int32Array or Float32Array, shape: [rows, …] } for others)",
      { collate: "collate: (examples) => ({ text: examples })," },
    ],
    [
      "9: in collate: text.inputIds holds 99999, the vocabulary has 200 tokens (take ids that the tokenizer gives)",
      { collate: "collate: (examples, { pad }) => ({ text: pad(examples.map(() => [99999])) })," },
    ],
    [
      "11: in heads: bert.embeddings.LayerNorm.weight is a parameter of the encoder's (begin the names of heads otherwise: own.weight)",
      { heads: 'heads: () => ({ "bert.embeddings.LayerNorm.weight": { shape: [16], std: 0 } }),' },
    ],
    [
      "11: in prepare: Cannot read properties of undefined (reading 'split') (what should have it is not there, or misspelt)",
      { prepare: "async prepare(documents) { for await (const each of documents) each.txt.split(); }," },
    ],
    [
      "11: in prepare: () => 1 could not be cloned. (it goes to another thread: give plain objects, arrays, Maps and typed arrays)",
      { prepare: "async prepare() { return { one: () => 1 }; }," },
    ],
    [
      '11: in embedding: pooling is "max" (write: { pooling: "cls" or "mean", similarity: "dot" or "cosine" })',
      { embedding: 'embedding: { pooling: "max", similarity: "dot" },' },
    ],
  ])("is told with line and mend: %s", async (message, members) => {
    expect(await mistake(members)).toBe(message.replace("200 tokens", `${tokenizer.size} tokens`));
  });

  it("is told with the part of the loss that is not a number", async () => {
    const parts = "{ odd: tf.mean(v), even: tf.scalar(1) }";
    const loss = `loss({ encode }, { text }) { const v = tf.log(tf.sub(encode(text), 100)); return { loss: tf.mean(v), parts: ${parts} }; },`;
    expect(await mistake({ loss })).toMatch(
      /^10: in loss: step 1: the loss is NaN, its part odd NaN, and the gradient's norm \S+ \(look for a division by 0/,
    );
  });

  it("is told of the two stages", async () => {
    const represent =
      "represent: ({ encode }, { text }) => ({ vectors: { a: encode(text), b: tf.slice(encode(text), 0, 3) } }),";
    const contrast = "contrast: (_, { a }) => ({ loss: tf.mean(a) }),";
    expect(await mistake({ loss: "", represent, contrast })).toBe(
      "10: in represent: the first axes of vectors.b and vectors.a are 3 and 4 (put the examples on the first axis of each: [B, H], or [B, rows, H] for several rows of an example)",
    );
    const whole = "represent: ({ encode }, { text }) => ({ vectors: { a: encode(text) } }),";
    const wrong = "contrast: (_, { a }) => ({ loss: tf.mean(c) }),";
    expect(await mistake({ loss: "", represent: whole, contrast: wrong }, { chunk: 2 })).toBe(
      "11: in contrast: c is not defined (define or import it)",
    );
  });

  it("leaves nothing behind that would refuse the mended file", async () => {
    const objective = fileWith({ loss: "loss() { return nope; }," });
    const out = join(folder, "mended");
    const given = { corpus, objective, start: { config, vocabulary: folder }, out, batch: 4, steps: 2, maxTokens: 32 };
    await expect(pretrain({ ...given, threads: 1 })).rejects.toMatchObject({ code: "OBJECTIVE_MEMBER" });
    writeFileSync(objective, `${IMPORTS}export default { name: "own", ${Object.values(MEMBERS).join("\n")} };`);
    expect(await pretrain({ ...given, threads: 1 })).toMatchObject({ steps: 2 });
  });
});

describe("a user's objective", () => {
  it("does what it does: `this` is the object, and examples come one by one", async () => {
    const objective = await loadObjective(
      fileWith({ examples: "*examples() { yield this.name; yield [1]; throw new Error('late'); }," }),
    );
    const random = seeded(1, "examples");
    const context = { random, tokenizer, options: {}, number: 0, prepared: undefined, maxTokens: 9 };
    const examples = objective.examples(testDocuments[0]!, context)[Symbol.iterator]();
    expect([examples.next().value, examples.next().value]).toEqual(["own", [1]]);
    expect(() => examples.next()).toThrow(/:8: in examples: late/);
  });
});
