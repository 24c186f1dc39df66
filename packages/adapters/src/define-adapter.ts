import type { Scope, Sites } from "@propria/engine";
import type { EncoderConfig, HostParameters, Inits, Json, Site, SiteKind } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { z } from "zod";

/** What an adapter's members get beside the site. */
export interface AdapterContext<Options> {
  options: Options;
  /** Of the encoder that it attaches to. */
  config: EncoderConfig;
}

/** Names of sites by kind: a name's end, `attention.self.query`, with `*` for any one part, `layer.*.output`; `*` alone for every site of the kind. */
export type SitePatterns = Partial<Record<SiteKind, readonly string[]>>;

/** What an adapter answers at each kind of site: as `Sites` of @propria/engine, with its own parameters of that site in the path's place. */
export type Answers = {
  [Kind in SiteKind]?: NonNullable<Sites[Kind]> extends (path: string, ...tensors: infer Tensors) => infer Answer
    ? (p: Scope, ...tensors: Tensors) => Answer
    : never;
};

/**
 * A way of fine-tuning that leaves the model's weights as they are: it answers at sites of the encoder and brings its own parameters. It is given
 * whole, or as `parts`: other adapters side by side.
 *
 * @see docs/write-an-adapter.md
 */
export type Adapter<Options extends z.ZodObject = z.ZodObject> = Named<Options> &
  (Whole<z.output<Options>> | Composed<z.output<Options>>);

interface Named<Options extends z.ZodObject> {
  /** Kebab-case: its name on the command line and in its file. */
  name: string;
  /** Everything a user may tune, with defaults and `.describe`. */
  options: Options;
}

/** An adapter of one piece. Members are methods, for those alone let an adapter with options of its own be an `Adapter`. */
export interface Whole<Options> {
  parts?: never;
  /** Where it attaches. Each pattern must find a site. */
  sites(options: Options): SitePatterns;
  /** The parameters that it brings to one of those sites, and how they start. Names begin with the adapter's: `lora_A.weight`; one that ends in `bias` is counted apart. */
  parameters(site: Site, context: AdapterContext<Options>): Inits;
  /** What it answers. Traced: no `dataSync`, no branch on values. `p` gives the parameters of the site by their names, and the step's dropout. */
  attach(context: AdapterContext<Options>): Answers;
  /** What it amounts to as an addition to the model's own parameters of a site (`weight`, `bias`), where it does: then it can be merged. */
  additions?(p: Scope, site: Site, context: AdapterContext<Options>): Record<string, Tensor>;
  /** Other parameters to train in place of `parameters`, where training goes better by a detour; they are gone from the file. */
  reparameterize?(sites: readonly Site[], context: AdapterContext<Options>): Reparameterization | undefined;
  /** How PEFT writes it, where PEFT has it. */
  peft?: PeftForm<Options>;
}

/** Several adapters as one. */
interface Composed<Options> {
  /** Each with its options; their parameters stand side by side, and where two answer at a site, the second gets what the first gave. */
  parts(options: Options): readonly AdapterPart[];
}

/** An adapter and its options. */
export interface AdapterPart {
  adapter: Adapter;
  options: Readonly<Record<string, unknown>>;
}

/** What is trained, and how what is kept follows from it. */
export interface Reparameterization {
  parameters: Inits;
  /** The adapter's parameters by `PATH.NAME`. Traced. */
  kept(p: Scope): Record<string, Tensor>;
}

/** An adapter as the files of PEFT (huggingface/peft) have it. */
export interface PeftForm<Options> {
  /** `peft_type`. */
  type: string;
  /** The method's part of `adapter_config.json` and its tensors; `undefined` for what PEFT would compute otherwise. */
  write(own: HostParameters, sites: readonly Site[], context: AdapterContext<Options>): PeftFiles | undefined;
  /** The options, and the parameters by `PATH.NAME`, of what PEFT wrote. */
  read(files: PeftFiles, config: EncoderConfig): { options: Record<string, unknown>; parameters: HostParameters };
}

/** The contents of PEFT's two files. */
export interface PeftFiles {
  config: Readonly<Record<string, Json>>;
  /** By the names of the model's modules, `bert.encoder.layer.0.attention.self.query.lora_A.weight`. */
  tensors: HostParameters;
}

/** Gives its argument back; it is here for the types. */
export const defineAdapter = <Options extends z.ZodObject>(adapter: Adapter<Options>): Adapter<Options> => adapter;
