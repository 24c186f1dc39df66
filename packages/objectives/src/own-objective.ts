import type { EncoderConfig } from "@propria/transformer-core";
import type { Objective } from "./define-objective.ts";
import {
  checkArrays,
  checkEmbedding,
  checkHeads,
  checkIterable,
  checkLoss,
  checkRepresented,
  checkTokens,
} from "./member-checks.ts";
import { memberMistake, type OwnFile, withinMember } from "./own-file.ts";

type Members = Record<string, ((...given: never[]) => unknown) | undefined>;

/**
 * An objective of a user's file whose members tell their mistakes: what they throw, and what they give that is not what it should be, is a
 * `PropriaError` with file, line, member and mend. Otherwise it does what the user's does.
 *
 * Its errors are `OBJECTIVE_MEMBER`, or those of ours that a member ran into, with their own codes.
 */
export function ownObjective(objective: Objective, file: OwnFile): Objective {
  const members = objective as unknown as Members;
  const guarded: Record<string, unknown> = { ...objective };
  /** The member with its arguments as `prepare` makes them, and `check` on what it gives. */
  const guard = (
    member: string,
    check: (given: unknown, ...args: never[]) => void,
    prepare: (args: unknown[]) => unknown[] = (args) => args,
  ): void => {
    if (members[member] === undefined) return;
    guarded[member] = (...args: unknown[]) =>
      withinMember(file, member, () => {
        const given = members[member]!(...(prepare(args) as never[]));
        check(given, ...(args as never[]));
        return given;
      });
  };
  guard("heads", (given, config: EncoderConfig) => checkHeads(given, config, objective.name));
  guard("collate", (given, _, { tokenizer }: { tokenizer: { size: number } }) => checkArrays(given, tokenizer.size));
  guard("loss", checkLoss, withCheckedTokens);
  guard("represent", checkRepresented, withCheckedTokens);
  guard("contrast", checkLoss);
  guarded.examples = function* withinMemberExamples(...given: Parameters<Objective["examples"]>) {
    try {
      const examples: unknown = objective.examples(...given);
      checkIterable(examples);
      yield* examples;
    } catch (error) {
      throw memberMistake(error, file, "examples");
    }
  };
  if (objective.prepare)
    guarded.prepare = async function withinMemberPrepare(...given: Parameters<NonNullable<Objective["prepare"]>>) {
      try {
        return await objective.prepare!(...given);
      } catch (error) {
        throw memberMistake(error, file, "prepare");
      }
    };
  const { embedding } = objective;
  if (embedding !== undefined)
    guarded.embedding = (options: Record<string, unknown>) =>
      withinMember(file, "embedding", () => {
        const given = typeof embedding === "function" ? embedding(options) : embedding;
        checkEmbedding(given);
        return given;
      });
  return guarded as unknown as Objective;
}

/** Both ways through the encoder look at what they are given. */
function withCheckedTokens([context, ...others]: unknown[]): unknown[] {
  const { encode, encodeLayers, ...rest } = context as Record<"encode" | "encodeLayers", (tokens: unknown) => unknown>;
  const checked = (name: string, pass: (tokens: unknown) => unknown) => (tokens: unknown) => {
    checkTokens(name, tokens);
    return pass(tokens);
  };
  return [
    { ...rest, encode: checked("encode", encode), encodeLayers: checked("encodeLayers", encodeLayers) },
    ...others,
  ];
}
