/** The two files of an adapter's folder, which are PEFT's. */
import { PropriaError } from "@propria/base";
import type { HostParameters } from "@propria/transformer-core";
import { type Attachment, PREFIX } from "./attach.ts";

/** What the adapter is. */
export const CONFIG_FILE = "adapter_config.json";
/** Its parameters, and a task's heads. */
export const WEIGHTS_FILE = "adapter_model.safetensors";

/** `peft_type` of what PEFT does not have: our documented extension, which also has `adapter` and `options`. */
export const OWN_TYPE = "PROPRIA";

/** PEFT's names begin with this, then with the module's name in the class that it wraps: a BertModel's have no `bert.`. */
const WRAPPED = "base_model.model.";

/** Parameters by the names that they have in the file; `isWhole`: of a class that has a BertModel and a head, such as a classifier. */
export const fileNames = (tensors: HostParameters, { isWhole }: { isWhole: boolean }): HostParameters =>
  renamed(tensors, (name) => {
    if (!/\./.test(name)) return name; // prompt_embeddings
    return WRAPPED + (isWhole ? name : name.replace(/^bert\./, ""));
  });

/** Those of a file by the names that they have in a model. */
export const modelNames = (tensors: HostParameters): HostParameters =>
  renamed(tensors, (name) => {
    const inner = name.startsWith(WRAPPED) ? name.slice(WRAPPED.length) : name;
    return inner.replace(/^(embeddings|encoder|pooler)\./, "bert.$1.");
  });

/** An adapter's own parameters without the part of the name that keeps them apart from the model's; {@link withPrefix} puts it there again. */
export const withoutPrefix = (own: HostParameters): HostParameters => renamed(own, (name) => name.slice(PREFIX.length));
/** The other way of {@link withoutPrefix}. */
export const withPrefix = (own: HostParameters): HostParameters => renamed(own, (name) => PREFIX + name);

const renamed = (tensors: HostParameters, rename: (name: string) => string): HostParameters =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));

/** True where it attaches to the pooler. */
export const usesPooler = ({ parts }: Pick<Attachment, "parts">): boolean =>
  parts.some(({ covered }) => covered.some(({ path }) => path.startsWith("bert.pooler.")));

/** For a file that holds no adapter, or one that cannot be used. */
export const fileError = (what: string, at: string, mend?: string): PropriaError =>
  new PropriaError("ADAPTER_FILE", what, { at, ...(mend && { mend }) });
