import { PropriaError } from "@propria/base";
import {
  type Backend,
  type Batch,
  forwardPass,
  frozenWeights,
  type NdArray,
  type Parameters,
  type Scope,
  scope,
} from "@propria/engine";
import { type EncoderConfig, encode, type HostParameters, type Tokens } from "@propria/transformer-core";
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Attachment } from "./attach.ts";
import { cut, type RowGroup, sitesByRows } from "./by-rows.ts";
import { rowQueue } from "./row-queue.ts";
import { type Slot, slotsOf } from "./slots.ts";

/** What a host is made of. */
export interface AdapterHostOptions {
  backend: Backend;
  config: EncoderConfig;
  /** The model that all adapters stand on, once in memory. */
  base: HostParameters;
  /**
   * From hidden states `[B, T, H]` to results by name, each `[B, …]`. The scope is the root: the model's parameters, and the adapter's heads in their place. Traced.
   * It may be called for a part of a batch, so rows must not look at each other.
   */
  results(root: Scope, hidden: Tensor3D, tokens: Tokens): Record<string, Tensor>;
  /** Tokens of the batches that `ask` makes, padding included; default 1024. */
  batchTokens?: number;
  /** Compiled shapes and layouts kept at a time; default 12. */
  sessions?: number;
}

/** An adapter as `loadAdapter` gives it. */
export interface HostedAdapter {
  attachment: Attachment;
  /** As they are kept. */
  parameters: HostParameters;
  /** Parameters of its own for `results`, such as `classifier.weight`. */
  heads?: HostParameters;
}

/** The arrays of `Tokens`, int32 `[B, T]`. */
export type HostBatch = { [Name in keyof Tokens]: NdArray<[number, number]> };

/** The token ids of one text, without padding. */
export interface HostRow {
  inputIds: readonly number[];
  /** Default: all 0. */
  tokenTypeIds?: readonly number[];
}

/** One model and many adapters, which come and go while texts are encoded. */
export interface AdapterHost {
  /** Gives a name to an adapter, or to another in its place. What was asked for before, be it running or waiting, goes on with the one before. */
  set(name: string, adapter: HostedAdapter): void;
  /** Forgets one, likewise. */
  drop(name: string): void;
  readonly names: readonly string[];
  /**
   * Encodes a batch, each row with the adapter of that name; `null` is the model alone. Results are as each row alone with its adapter would have, to rounding.
   *
   * @throws {PropriaError} `ADAPTER_UNKNOWN` for a name that there is not: the model is never used in its place.
   */
  run(batch: HostBatch, adapters: readonly (string | null)[]): Promise<Record<string, NdArray>>;
  /**
   * One text's results, each without the axis of the batch. What is asked for while others run waits, and is then computed together with whatever of its length waits too, of all adapters.
   * Results `[T, …]` are as long as the padding made them.
   *
   * @throws {PropriaError} `ADAPTER_UNKNOWN`; `TOO_LONG` for more tokens than the model has positions. Another text's error is not this one's.
   */
  ask(row: HostRow, adapter: string | null): Promise<Record<string, NdArray>>;
  /** Frees what was compiled once all that was asked for is done; from now on, nothing more can be (`HOST_RELEASED`). */
  release(): Promise<void>;
}

const SESSIONS = 12; // widths in use at a time, as of a bi-encoder
const BATCH_TOKENS = 1024;

/**
 * A host over a resident model. The weights of an adapter are fed with each run, where they are: a program is compiled for the shape of a batch and for how many of its slots have which methods and
 * options (`slotsOf`), and serves every adapter of these.
 */
export function adapterHost({
  backend,
  config,
  base,
  results,
  batchTokens = BATCH_TOKENS,
  sessions = SESSIONS,
}: AdapterHostOptions): AdapterHost {
  const hosted = new Map<string, HostedAdapter>();
  const groupsOf = new Map<string, readonly Group[]>(); // by the name under which a batch carries them
  const pass = forwardPass<Batch>({
    ...{ backend, sessions },
    store: frozenWeights(base),
    run(parameters, batch) {
      const [name] = Object.keys(batch.groups as object);
      const own = (batch.groups as Record<string, Record<string, { parameters: object; heads: object }>>)[name!]!;
      const groups = groupsOf.get(name!)!.map(({ attachment, count }, i): RowGroup & { root: Scope } => {
        const { parameters: values = {}, heads = {} } = own[i] ?? { parameters: {}, heads: {} };
        const sites = attachment?.sites(values as Parameters) ?? {};
        return { rows: count, sites, root: scope({ ...parameters, ...(heads as Parameters) }, "", { sites }) };
      });
      const tokens = batch.tokens as unknown as Tokens;
      const hidden = encode(scope(parameters, "bert", { sites: sitesByRows(groups) }), tokens, config);
      return byGroup(groups, hidden, tokens, results);
    },
  });

  /** The adapter of that name as it is now. */
  function found(name: string | null): HostedAdapter | null {
    if (name === null) return null;
    const adapter = hosted.get(name);
    if (adapter) return adapter;
    throw new PropriaError("ADAPTER_UNKNOWN", `no adapter is called ${JSON.stringify(name)}`, {
      mend: `there are ${[...hosted.keys()].join(", ") || "none"}`,
    });
  }

  async function compute(
    batch: HostBatch,
    adapters: readonly (HostedAdapter | null)[],
  ): Promise<Record<string, NdArray>> {
    const slots = slotsOf(adapters, kindOf);
    const order = slots.flatMap(({ rows }) => rows);
    const name = layoutOf(slots);
    groupsOf.set(
      name,
      slots.map(({ key, rows }) => ({ attachment: key?.attachment, count: rows.length })),
    );
    const values = slots.map(({ key }) => ({ parameters: key?.parameters ?? {}, heads: key?.heads ?? {} }));
    const computed = await pass.run({
      tokens: mapValues(batch, (array) => rowsOf(array, order)),
      groups: { [name]: Object.fromEntries(values.map((each, i) => [i, each])) },
    });
    const back = adapters.map((_, row) => order.indexOf(row));
    return mapValues(computed, (array) => rowsOf(array, back));
  }

  const queue = rowQueue<HostRow & { length: number; adapter: HostedAdapter | null }, Record<string, NdArray>>({
    ...{ batchTokens, maxTokens: config.maxPositions },
    async run(rows, width) {
      const computed = await compute(
        padded(rows, { width, padId: config.padId }),
        rows.map(({ adapter }) => adapter),
      );
      return rows.map((_, row) => mapValues(computed, (array) => rowOf(array, row)));
    },
  });

  let isReleased = false;
  const refuseIfReleased = () => {
    if (isReleased) throw new PropriaError("HOST_RELEASED", "this host of adapters is shut down");
  };

  return {
    set: (name, adapter) => void hosted.set(name, adapter),
    drop: (name) => void hosted.delete(name),
    get names() {
      return [...hosted.keys()];
    },
    async run(batch, adapters) {
      refuseIfReleased();
      const [rows] = batch.inputIds.shape;
      if (adapters.length !== rows) throw new Error(`${rows} rows, and names of ${adapters.length} adapters`);
      return compute(batch, adapters.map(found));
    },
    async ask(row, adapter) {
      refuseIfReleased();
      const { length } = row.inputIds;
      if (length > config.maxPositions)
        throw new PropriaError("TOO_LONG", `${length} tokens, and the model has ${config.maxPositions} positions`);
      return queue.ask({ ...row, length, adapter: found(adapter) });
    },
    async release() {
      isReleased = true;
      await queue.idle();
      await pass.release();
    },
  };
}

/** Rows of a slot, and what is attached for them. */
interface Group {
  attachment: Attachment | undefined;
  count: number;
}

/** What a compiled program depends on, beside shapes: what is attached to a row. */
const kindOf = (hosted: HostedAdapter | null): string => {
  if (!hosted) return "";
  const { adapter, options } = hosted.attachment;
  return `${adapter.name} ${JSON.stringify(options)}`;
};

/** The layout of a batch as a name: rows of a slot, and the number of slots of each kind. */
function layoutOf(slots: readonly Slot<HostedAdapter | null>[]): string {
  const counts = new Map<string, number>();
  for (const { key } of slots) counts.set(kindOf(key), (counts.get(kindOf(key)) ?? 0) + 1);
  return [slots[0]!.rows.length, ...[...counts].map(([kind, count]) => `${count} ${kind}`)].join(" | ");
}

/** Texts of token ids as a batch of that width; there are segments where one has them. */
function padded(rows: readonly HostRow[], { width, padId }: { width: number; padId: number }): HostBatch {
  const array = (filling: number, idsOf: (row: HostRow) => readonly number[]): NdArray<[number, number]> => {
    const data = new Int32Array(rows.length * width).fill(filling);
    for (const [i, row] of rows.entries()) data.set(idsOf(row), i * width);
    return { data, shape: [rows.length, width] };
  };
  return {
    inputIds: array(padId, ({ inputIds }) => inputIds),
    attentionMask: array(0, ({ inputIds }) => inputIds.map(() => 1)),
    ...(rows.some(({ tokenTypeIds }) => tokenTypeIds) && {
      tokenTypeIds: array(0, ({ tokenTypeIds = [] }) => tokenTypeIds),
    }),
  };
}

/** One row of an array, an array of its own. */
const rowOf = ({ data, shape }: NdArray, row: number): NdArray => {
  const width = data.length / shape[0]!;
  return { data: data.slice(row * width, (row + 1) * width), shape: shape.slice(1) };
};

/** The results of each group, by its own heads. */
function byGroup(
  groups: readonly (RowGroup & { root: Scope })[],
  hidden: Tensor3D,
  tokens: Tokens,
  results: AdapterHostOptions["results"],
): Record<string, Tensor> {
  const states = cut(hidden, groups);
  const own = mapValues(tokens as unknown as Record<string, Tensor>, (tensor) => cut(tensor, groups));
  const each = groups.map(({ root }, i) =>
    results(root, states[i]!, mapValues(own, (parts) => parts[i]!) as unknown as Tokens),
  );
  return mapValues(each[0]!, (_, name) =>
    tf.concat(
      each.map((found) => found[name]!),
      0,
    ),
  );
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, map: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));

/** These rows of an array. */
function rowsOf<Shape extends readonly number[]>(
  { data, shape }: NdArray<Shape>,
  rows: readonly number[],
): NdArray<Shape> {
  const width = data.length / shape[0]!;
  const picked =
    data instanceof Int32Array ? new Int32Array(rows.length * width) : new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) picked.set(data.subarray(row * width, (row + 1) * width), i * width);
  return { data: picked, shape: [rows.length, ...shape.slice(1)] as unknown as Shape };
}
