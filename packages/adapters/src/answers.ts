/** From what adapters answer to what the encoder asks. */
import { PropriaError } from "@propria/base";
import type { Scope, Sites } from "@propria/engine";
import type { Site, SiteKind } from "@propria/transformer-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Answers } from "./define-adapter.ts";

/** An adapter of one piece, and where it attaches. */
interface Answering {
  name: string;
  covered: readonly Site[];
}

/**
 * Answers at the sites that are covered; elsewhere things stay as they are.
 *
 * @throws {PropriaError} `ADAPTER_ANSWER`, when asked, for an answer that cannot stand where it should.
 */
export function answering({ name, covered }: Answering, answers: Answers, p: Scope): Sites {
  const covers = (kind: string, path: string) => covered.some((site) => site.kind === kind && site.path === path);
  return Object.fromEntries(
    Object.entries(answers).map(([kind, answer]) => [
      kind,
      (path: string, ...tensors: Tensor[]) =>
        covers(kind, path)
          ? checked((answer as (p: Scope, ...tensors: Tensor[]) => unknown)(p.at(path), ...tensors), tensors, {
              ...{ kind, at: `${name}: ${kind} at ${path}` },
            })
          : isAddition(kind)
            ? tensors.at(-1)
            : undefined,
    ]),
  );
}

/** The answer, if it is a tensor of the shape that is wanted, or keys and values. */
function checked(answer: unknown, tensors: readonly Tensor[], { kind, at }: { kind: string; at: string }): unknown {
  const refuse = (what: string, mend: string) => new PropriaError("ADAPTER_ANSWER", `answers ${what}`, { at, mend });
  if (answer instanceof Promise) throw refuse("later", "write it without async: it is traced, before there are values");
  if (isAddition(kind)) {
    const { shape } = tensors.at(-1)!;
    const mend = `it stands in the place of y, [${shape}]`;
    if (!isTensor(answer)) throw refuse(`with ${answer === null ? "null" : typeof answer}, no tensor`, mend);
    if (answer.dtype !== "float32") throw refuse(`with ${answer.dtype}`, mend);
    if (`${answer.shape}` !== `${shape}`) throw refuse(`[${answer.shape}]`, mend);
  } else if (answer !== undefined) {
    const width = tensors.at(-1)!.shape.at(-1)!;
    const [what, parts] =
      kind === "prefix" ? ["{ keys, values }, each [1, S, H]", rowsOf(answer)] : ["[T, H]", [answer]];
    const fits = (part: unknown) => isTensor(part) && part.rank >= 2 && part.shape.at(-1) === width;
    if (!parts.every(fits)) throw refuse(`with other than ${what}`, `H is ${width}`);
  }
  return answer;
}

const rowsOf = (prefix: unknown): unknown[] => {
  const { keys, values } = (prefix ?? {}) as { keys?: unknown; values?: unknown };
  return [keys, values];
};

const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "dataId" in value && "shape" in value;

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
