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
  /** Compiled combinations of shapes, methods and row counts kept at a time; default 8. */
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

/** One model and many adapters, which come and go while texts are encoded. */
export interface AdapterHost {
  /** Gives a name to an adapter, or to another in its place; what is running goes on with the one before. */
  set(name: string, adapter: HostedAdapter): void;
  /** Forgets one. */
  drop(name: string): void;
  readonly names: readonly string[];
  /**
   * Encodes a batch, each row with the adapter of that name; `null` is the model alone. Results are as each row alone with its adapter would have, to rounding.
   *
   * @throws {PropriaError} `ADAPTER_UNKNOWN` for a name that there is not: the model is never used in its place.
   */
  run(batch: HostBatch, adapters: readonly (string | null)[]): Promise<Record<string, NdArray>>;
  release(): Promise<void>;
}

/**
 * A host over a resident model. The weights of an adapter are fed with each run, where they are: a program is compiled for the methods, options and row counts of a
 * batch, and serves every adapter of these.
 */
export function adapterHost({ backend, config, base, results, sessions = 8 }: AdapterHostOptions): AdapterHost {
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

  return {
    set: (name, adapter) => void hosted.set(name, adapter),
    drop: (name) => void hosted.delete(name),
    get names() {
      return [...hosted.keys()];
    },
    async run(batch, adapters) {
      const [rows] = batch.inputIds.shape;
      if (adapters.length !== rows) throw new Error(`${rows} rows, and names of ${adapters.length} adapters`);
      const { groups, values, order } = grouped(adapters, hosted);
      const name = groups.map(signatureOf).join(" | ");
      groupsOf.set(name, groups);
      const found = await pass.run({
        tokens: mapValues(batch, (array) => rowsOf(array, order)),
        groups: { [name]: Object.fromEntries(values.map((each, i) => [i, each])) },
      });
      const back = adapters.map((_, row) => order.indexOf(row));
      return mapValues(found, (array) => rowsOf(array, back));
    },
    release: () => pass.release(),
  };
}

/** Rows of one adapter, or of the model alone, and how many there are with those that fill up. */
interface Group {
  attachment: Attachment | undefined;
  count: number;
}

/** What the adapter of a group brings. */
type Values = Required<Pick<HostedAdapter, "parameters" | "heads">>;

/** The rows of each adapter together, filled up to a power of two by its first, so that few combinations are compiled; and which row of the batch stands at each place. */
function grouped(
  adapters: readonly (string | null)[],
  hosted: ReadonlyMap<string, HostedAdapter>,
): { groups: Group[]; values: Values[]; order: number[] } {
  const names = [...new Set(adapters)].sort((a, b) => String(a).localeCompare(String(b)));
  const order: number[] = [];
  const values: Values[] = [];
  const groups = names.map((name): Group => {
    const found = name === null ? undefined : hosted.get(name);
    if (name !== null && !found)
      throw new PropriaError("ADAPTER_UNKNOWN", `no adapter is called ${JSON.stringify(name)}`, {
        mend: `there are ${[...hosted.keys()].join(", ") || "none"}`,
      });
    const rows = adapters.flatMap((each, row) => (each === name ? [row] : []));
    const count = 2 ** Math.ceil(Math.log2(rows.length));
    order.push(...rows, ...Array<number>(count - rows.length).fill(rows[0]!));
    values.push({ parameters: found?.parameters ?? {}, heads: found?.heads ?? {} });
    return { attachment: found?.attachment, count };
  });
  return { groups, values, order };
}

/** What a compiled program depends on, beside shapes. */
const signatureOf = ({ attachment, count }: Group): string => {
  if (!attachment) return `${count}`;
  const { adapter, options } = attachment;
  return `${count} ${adapter.name} ${JSON.stringify(options)}`;
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
