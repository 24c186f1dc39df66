import { PropriaError, type Random } from "@propria/base";
import {
  type Backend,
  type Dropout,
  forwardPass,
  frozenWeights,
  noDropout,
  type Parameters,
  type Sites,
  scope,
} from "@propria/engine";
import {
  type EncoderConfig,
  encoderSites,
  type HostParameters,
  type Init,
  type Inits,
  initializeFrom,
  type Site,
} from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { answering, together } from "./answers.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import type { Adapter, Reparameterization, Whole } from "./define-adapter.ts";
import { adapterOptions } from "./options.ts";

/** What an adapter attaches to, and how. */
export interface AttachOptions {
  /** Of the encoder. */
  config: EncoderConfig;
  /** The adapter's, by name; what is absent has its default. */
  options?: Readonly<Record<string, unknown>>;
  /** Whether the model uses BERT's pooler, which then is a site too. Default false. */
  pooler?: boolean;
}

/** An adapter at the sites of one encoder's shape. It holds no values: its parameters stand beside the model's, under `adapter.`. */
export interface Attachment {
  readonly adapter: Adapter;
  /** With their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly config: EncoderConfig;
  readonly coverage: readonly Coverage[];
  /** What it is made of. */
  readonly parts: readonly AttachedPart[];
  /** The parameters to train, and how they start, by full name. */
  readonly trained: Inits;
  /** The parameters that its file holds; others than those to train where it is trained by a detour. */
  readonly kept: Inits;
  /** Fresh values to train, each from the stream of its name. */
  initialize(random: Random): HostParameters;
  /**
   * What it answers, to hand to `scope(parameters, "bert", { sites, dropout })`. Traced.
   *
   * @param parameters All parameters; its own among them as they are trained, or as they are kept.
   */
  sites(parameters: Parameters, options?: { dropout?: Dropout }): Sites;
  /** What is kept of trained values; of kept ones, themselves. */
  keep(parameters: HostParameters, backend: Backend): Promise<HostParameters>;
}

/** One adapter of an attachment, and the sites that it covers. */
export interface AttachedPart extends Whole<Record<string, unknown>> {
  name: string;
  options: Readonly<Record<string, unknown>>;
  coverage: readonly Coverage[];
  covered: readonly Site[];
}

/** What the names of an adapter's parameters begin with. */
export const PREFIX = "adapter.";

/**
 * An adapter at the sites of an encoder.
 *
 * @throws {PropriaError} `ADAPTER_OPTION` for its options; `ADAPTER_SITE` for a pattern that finds no site, with the sites that there are.
 */
export function attach(adapter: Adapter, { config, options: values, pooler = false }: AttachOptions): Attachment {
  const options = adapterOptions(adapter, values);
  const all = encoderSites(config, { pooler });
  const parts = partsOf(adapter, options).map((part) => attachedPart(part, all));
  refuseTwice(parts);
  const context = (part: AttachedPart) => ({ options: part.options, config });
  const keptOf = (part: AttachedPart): Inits =>
    merged(
      part.covered.map((site) => under(`${site.path}.`, part.parameters(site, context(part)))),
      part.name,
    );
  const detours = parts.map((part) => part.reparameterize?.(part.covered, context(part)));
  const full = (inits: readonly Inits[]): Inits => under(PREFIX, merged(inits, adapter.name));
  const trained = full(parts.map((part, i) => detours[i]?.parameters ?? keptOf(part)));
  const kept = full(parts.map(keptOf));

  /** Its parameters as they are kept, by `PATH.NAME`. */
  const own = (parameters: Parameters): Record<string, Tensor> => {
    const given = Object.fromEntries(
      Object.entries(parameters).flatMap(([name, tensor]) =>
        name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), tensor]] : [],
      ),
    );
    const through = (detour: Reparameterization | undefined) =>
      detour && Object.keys(detour.parameters).every((name) => given[name]) ? detour.kept(scope(given)) : {};
    return Object.assign({}, given, ...detours.map(through));
  };

  return {
    ...{ adapter, options, config, parts, trained, kept },
    coverage: parts.flatMap((part) => part.coverage),
    initialize: (random) => initializeFrom(trained, random),
    sites(parameters, { dropout = noDropout } = {}) {
      const p = scope(own(parameters), "", { dropout });
      return together(parts.map((part) => answering(part, part.attach(context(part)), p)));
    },
    async keep(parameters, backend) {
      if (Object.keys(kept).every((name) => Object.hasOwn(parameters, name)))
        return pick(parameters, Object.keys(kept));
      const results = await forwardPass({
        backend,
        store: frozenWeights(pick(parameters, Object.keys(trained))),
        run: (tensors) => own(tensors),
      }).run({});
      return Object.fromEntries(
        Object.keys(kept).map((name) => {
          const { shape, data } = results[name.slice(PREFIX.length)]!;
          return [name, { shape, data: data as Float32Array }];
        }),
      );
    },
  };
}

type PlainPart = Omit<AttachedPart, "coverage" | "covered">;

function partsOf(adapter: Adapter, options: Readonly<Record<string, unknown>>): PlainPart[] {
  if (!adapter.parts) return [{ ...(adapter as Whole<Record<string, unknown>>), name: adapter.name, options }];
  return adapter.parts(options).flatMap((part) => partsOf(part.adapter, adapterOptions(part.adapter, part.options)));
}

function attachedPart(part: PlainPart, all: readonly Site[]): AttachedPart {
  const coverage = coverageOf(part.sites(part.options), all, part.name);
  const covered = all.filter(({ kind, path }) =>
    coverage.some((each) => each.kind === kind && each.paths.includes(path)),
  );
  return { ...part, coverage, covered };
}

/** Two prefixes, or two places for the texts, would not add up. */
function refuseTwice(parts: readonly AttachedPart[]): void {
  for (const kind of ["prefix", "positions"]) {
    const names = parts.filter(({ covered }) => covered.some((site) => site.kind === kind)).map(({ name }) => name);
    if (names.length > 1)
      throw new PropriaError("ADAPTER_SITE", `${names.join(" and ")} both attach at ${kind}, where one can`, {
        mend: "use one of them",
      });
  }
}

const under = (prefix: string, inits: Inits): Inits =>
  Object.fromEntries(Object.entries(inits).map(([name, init]) => [prefix + name, init]));

function merged(list: readonly Inits[], adapter: string): Inits {
  const all: Record<string, Init> = {};
  for (const [name, init] of list.flatMap(Object.entries<Init>)) {
    if (Object.hasOwn(all, name)) throw new Error(`adapter ${adapter}: two parameters are called ${name}`);
    all[name] = init;
  }
  return all;
}

const pick = (parameters: HostParameters, names: readonly string[]): HostParameters =>
  Object.fromEntries(names.map((name) => [name, parameters[name]!]));
