/** The places of an encoder where something may attach, without running it. */
import type { Sites } from "@propria/engine";
import type { EncoderConfig } from "./config.ts";

/** What is asked at a site, as `Sites` of @propria/engine names it. */
export type SiteKind = keyof Sites;

/** One place where something may attach. */
export interface Site {
  kind: SiteKind;
  /** As it is asked by: `bert.encoder.layer.0.attention.self.query`. */
  path: string;
  /** Width of what goes in there; the hidden size but for the feed-forward's second map. */
  width: number;
  /** Width of what comes out. */
  out: number;
}

/** What the model has beside its encoder. */
export interface SiteOptions {
  /** Whether it has BERT's pooler, `bert.pooler`. Default false. */
  pooler?: boolean;
}

/** Every site of an encoder, in the order of the forward pass. What a head of one's own asks at is not among them. */
export function encoderSites(config: EncoderConfig, { pooler = false }: SiteOptions = {}): Site[] {
  const { hiddenSize, layers } = config;
  const sites: Site[] = [
    site("positions", "bert.embeddings.position_embeddings", hiddenSize),
    site("norm", "bert.embeddings.LayerNorm", hiddenSize),
  ];
  for (let i = 0; i < layers; i++) sites.push(...layerSites(`bert.encoder.layer.${i}`, config));
  sites.push(site("stack", "bert.encoder", hiddenSize));
  if (pooler) sites.push(site("linear", "bert.pooler.dense", hiddenSize));
  return sites;
}

/** As `transformerLayer` asks. */
const layerSites = (layer: string, { hiddenSize, intermediateSize }: EncoderConfig): Site[] => [
  ...["query", "key", "value"].map((name) => site("linear", `${layer}.attention.self.${name}`, hiddenSize)),
  site("prefix", `${layer}.attention.self`, hiddenSize),
  site("linear", `${layer}.attention.output.dense`, hiddenSize),
  site("sublayer", `${layer}.attention`, hiddenSize),
  site("norm", `${layer}.attention.output.LayerNorm`, hiddenSize),
  site("addNorm", `${layer}.attention`, hiddenSize),
  site("linear", `${layer}.intermediate.dense`, hiddenSize, intermediateSize),
  site("linear", `${layer}.output.dense`, intermediateSize, hiddenSize),
  site("sublayer", `${layer}.output`, hiddenSize),
  site("norm", `${layer}.output.LayerNorm`, hiddenSize),
  site("addNorm", `${layer}.output`, hiddenSize),
  site("layer", layer, hiddenSize),
];

const site = (kind: SiteKind, path: string, width: number, out = width): Site => ({ kind, path, width, out });
