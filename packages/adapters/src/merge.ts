import { PropriaError } from "@propria/base";
import { type Backend, forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import type { HostParameters } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { withoutPrefix } from "./adapter-files.ts";
import type { Attachment } from "./attach.ts";

/** What is merged. */
export interface AdapterToMerge {
  attachment: Attachment;
  /** Its values, as trained or as kept. */
  parameters: HostParameters;
  /** Where it is computed; opened when absent. */
  backend?: Backend;
}

/**
 * The model with the adapter in its weights: the same hidden states, to rounding, at no cost. What is not changed is shared with `base`.
 *
 * @throws {PropriaError} `ADAPTER_MERGE` for an adapter that amounts to no change of weights.
 */
export const mergeAdapter = (base: HostParameters, merged: AdapterToMerge): Promise<HostParameters> =>
  withAdditions(base, merged, 1);

/** The model without the adapter that was merged into it. */
export const unmergeAdapter = (base: HostParameters, merged: AdapterToMerge): Promise<HostParameters> =>
  withAdditions(base, merged, -1);

async function withAdditions(
  base: HostParameters,
  { attachment, parameters, backend }: AdapterToMerge,
  sign: 1 | -1,
): Promise<HostParameters> {
  const { adapter, config, parts } = attachment;
  const rigid = parts.find((part) => !part.additions);
  if (rigid)
    throw new PropriaError("ADAPTER_MERGE", `${rigid.name} cannot be merged: it is no change of the model's weights`, {
      at: adapter.name,
      mend: "load it beside the model",
    });
  const opened = backend ?? (await openBackend());
  const own = withoutPrefix(await attachment.keep(parameters, opened));
  const changes = await forwardPass({
    backend: opened,
    store: frozenWeights(own),
    run(tensors): Record<string, Tensor> {
      const all = parts.flatMap((part) =>
        part.covered.flatMap((site) => {
          const additions = part.additions!(scope(tensors, site.path), site, { options: part.options, config });
          return Object.entries(additions).map(([name, tensor]) => [`${site.path}.${name}`, tensor] as const);
        }),
      );
      return Object.fromEntries(all);
    },
  }).run({});
  const changed = Object.entries(changes).map(([name, { data }]) => {
    const { shape, data: before } = base[name]!;
    return [name, { shape, data: before.map((value, i) => value + sign * data[i]!) }] as const;
  });
  return { ...base, ...Object.fromEntries(changed) };
}
