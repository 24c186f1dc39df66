/** From what adapters answer to what the encoder asks. */
import type { Scope, Sites } from "@propria/engine";
import type { Site, SiteKind } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Answers } from "./define-adapter.ts";

/** Answers at the sites that are covered; elsewhere things stay as they are. */
export function answering(covered: readonly Site[], answers: Answers, p: Scope): Sites {
  const covers = (kind: string, path: string) => covered.some((site) => site.kind === kind && site.path === path);
  return Object.fromEntries(
    Object.entries(answers).map(([kind, answer]) => [
      kind,
      (path: string, ...tensors: Tensor[]) =>
        covers(kind, path)
          ? (answer as (p: Scope, ...tensors: Tensor[]) => unknown)(p.at(path), ...tensors)
          : isAddition(kind)
            ? tensors.at(-1)
            : undefined,
    ]),
  );
}

/** True where the answer stands in the place of the last tensor; else it is of another kind, and there may be none. */
const isAddition = (kind: string): boolean => kind !== "prefix" && kind !== "positions";

type Answer = (path: string, ...tensors: Tensor[]) => Tensor;

/** All that is attached, as one: each gets what the one before gave. */
export function together(list: readonly Sites[]): Sites {
  const kinds = [...new Set(list.flatMap((sites) => Object.keys(sites)))] as SiteKind[];
  return Object.fromEntries(
    kinds.map((kind) => {
      const answers = list.flatMap((sites) => (sites[kind] ? [sites[kind] as unknown as Answer] : []));
      if (!isAddition(kind))
        return [
          kind,
          (path: string, ...tensors: Tensor[]) => answers.map((answer) => answer(path, ...tensors)).find(Boolean),
        ];
      return [
        kind,
        (path: string, ...tensors: Tensor[]) =>
          answers.reduce((y, answer) => answer(path, ...tensors.slice(0, -1), y), tensors.at(-1)!),
      ];
    }),
  );
}
