import type { Adapter, AdapterPart, Answers } from "@propria/adapters";
import type { Site } from "@propria/transformer-core";
import { kindOf } from "./member-checks.ts";
import { type OwnFile, unfit, withinMember } from "./own-file.ts";

type Members = Record<string, ((...given: never[]) => unknown) | undefined>;

/**
 * An adapter of a user's file whose members tell their mistakes: what they throw, and what they give that is not what it should be, is a `PropriaError` with file, line, member, the
 * adapter's name and the site. Otherwise it does what the user's does. What an answer must be is looked at where it is used, of any adapter.
 *
 * Its errors are `ADAPTER_MEMBER`, or those of ours that a member ran into, with their own codes.
 */
export function ownAdapter(adapter: Adapter, file: OwnFile): Adapter {
  const members = adapter as unknown as Members;
  const guarded: Record<string, unknown> = { ...adapter };
  /** The member with a look at what it gives, which may be made anew; `at` says the site of its arguments. */
  const guard = (
    member: string,
    made: (given: unknown) => unknown = (given) => given,
    at: (...args: never[]) => string = () => "",
  ): void => {
    if (members[member] === undefined) return;
    guarded[member] = (...args: never[]) =>
      withinMember(file, member, () => made(members[member]!(...args)), `${member} of ${adapter.name}${at(...args)}`);
  };
  const atSite = ({ kind, path }: Site) => ` for ${kind} at ${path}`;
  guard("parts", (given) => partsOf(given, file));
  guard("sites", (given) => checkedSites(given));
  guard("parameters", checkedInits, atSite);
  guard("attach", (given) => answersOf(given, adapter.name, file));
  guard("additions", undefined, (_, site: Site) => atSite(site));
  guard("reparameterize");
  return guarded as unknown as Adapter;
}

/** The parts of a composed adapter, each guarded too: mistakes in ours are ours. */
function partsOf(given: unknown, file: OwnFile): AdapterPart[] {
  if (!Array.isArray(given) || !given.every((part) => isRecord(part) && isRecord(part.adapter)))
    throw refused(`gives ${kindOf(given)}`, "write: parts: (options) => [{ adapter, options }, …]");
  return given.map((part: AdapterPart) => ({ ...part, adapter: ownAdapter(part.adapter, file) }));
}

function checkedSites(given: unknown): unknown {
  const mend = 'write: sites: () => ({ linear: ["attention.self.query"] })';
  if (!isRecord(given)) throw refused(`gives ${kindOf(given)}`, mend);
  for (const [kind, patterns] of Object.entries(given))
    if (!Array.isArray(patterns)) throw refused(`${kind} is ${kindOf(patterns)}, not a list of patterns`, mend);
  return given;
}

function checkedInits(given: unknown): unknown {
  const mend = 'write: parameters: ({ out }) => ({ "mine.bias": { shape: [out], std: 0 } })';
  if (!isRecord(given)) throw refused(`gives ${kindOf(given)}`, mend);
  for (const [name, init] of Object.entries(given)) {
    const isShape =
      isRecord(init) && Array.isArray(init.shape) && init.shape.every((axis) => Number.isInteger(axis) && axis > 0);
    if (!isShape)
      throw refused(`the shape of ${name} is ${isRecord(init) ? JSON.stringify(init.shape) : "not given"}`, mend);
    if (typeof init.std !== "number" || !(init.std >= 0))
      throw refused(`std of ${name} is no number of at least 0`, mend);
  }
  return given;
}

/** Each answer, with the site in what it throws. */
function answersOf(given: unknown, name: string, file: OwnFile): Answers {
  const mend = "write: attach: () => ({ linear: (p, x, y) => … })";
  if (!isRecord(given)) throw refused(`gives ${kindOf(given)}`, mend);
  return Object.fromEntries(
    Object.entries(given).map(([kind, answer]) => {
      if (typeof answer !== "function") throw refused(`${kind} is ${kindOf(answer)}`, mend);
      return [
        kind,
        (p: { path: string }, ...tensors: unknown[]) =>
          withinMember(file, kind, () => answer(p, ...tensors) as unknown, `${kind} of ${name} at ${p.path}`),
      ];
    }),
  ) as Answers;
}

const refused = (what: string, mend: string) => unfit(what, mend, "adapter");

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
