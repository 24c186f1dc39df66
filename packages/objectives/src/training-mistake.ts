import { isPropriaError, PropriaError } from "@propria/base";
import type { Objective } from "./define-objective.ts";
import { errorPlace } from "./error-place.ts";
import { memberPlace, mendOf, type OwnFile, readable, tellAgain } from "./own-file.ts";

type Member = "prepare" | "examples" | "loss" | "represent";

/** Errors of ours about what a member gave, found long after it gave it; and the mend where it is another than for our own objectives. */
const BY_CODE: Readonly<Record<string, readonly [Member, mend?: string]>> = {
  NO_EXAMPLES: [
    "examples",
    "see for which documents it yields; give more or longer texts, or options that ask for less",
  ],
  ROW_TOO_LONG: ["examples", "cut rows to maxTokens, special tokens included"],
  NOT_FINITE: [
    "loss",
    "look for a division by 0, a logarithm or a root of 0, or a mean of nothing; or lower the learning rate",
  ],
  NO_GRADIENT: ["loss", "compute it from encode(…) or parameters"],
  VECTOR_SHAPES: ["represent"],
  SHAPES_DIFFER: ["loss"],
  NO_KERNEL: ["loss"],
  VALUE_WHILE_TRACING: ["loss"],
};

const ELSE_OURS = "if so, this is a bug in propria: report it with the stack";

/** What Node, tfjs and onnxruntime say of it. */
const BY_MESSAGE: readonly (readonly [pattern: RegExp, member: Member, mend: string])[] = [
  [/ could not be cloned/, "prepare", "it goes to another thread: give plain objects, arrays, Maps and typed arrays"],
  [/gradient function not found for/, "loss", "compose it of operations that have a gradient"],
  [/^Error in gradient for op/, "loss", `do the shapes go together that it is given? ${ELSE_OURS}`],
  [/^Non-zero status code returned/, "loss", `are all labels and indices within their tables? ${ELSE_OURS}`],
];

/**
 * An error that ended the training with an objective of a user's file, told with the line and the member that it is about. One that is not about the file
 * stays as it is.
 */
export function trainingMistake(error: unknown, objective: Objective, file: OwnFile): unknown {
  const named = (member: Member): string =>
    member === "loss" && objective.represent ? "in represent and contrast" : `in ${member}`;
  const at = (member: Member): string =>
    memberPlace(file, member === "loss" && objective.represent ? "represent" : member);
  if (isPropriaError(error)) {
    const [member, mend] = BY_CODE[error.code] ?? [];
    if (member === undefined || (error.at !== undefined && error.code !== "NOT_FINITE")) return error; // told already
    return tellAgain(error, named(member), at(member), mend);
  }
  const what = readable(error);
  const place = errorPlace(error, file.path); // in a gradient of the user's, say, which tfjs calls after the loss
  if (place && place.inside === undefined)
    return new PropriaError("OBJECTIVE_MEMBER", what, { at: place.at, mend: mendOf(error, file) ?? "", cause: error });
  const [, member, mend] = BY_MESSAGE.find(([pattern]) => pattern.test(what)) ?? [];
  if (member === undefined) return error;
  return new PropriaError("OBJECTIVE_MEMBER", `${named(member)}: ${what}`, {
    at: at(member),
    mend: mend!,
    cause: error,
  });
}
