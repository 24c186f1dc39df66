/** One query's ranking as a measure sees it. */
export interface JudgedRanking {
  /** The grade of the document at rank 1, 2, …; undefined where it was not judged. */
  readonly grades: readonly (number | undefined)[];
  /** The grades of all judged documents of the query, retrieved or not, down. */
  readonly judgedGrades: readonly number[];
}

/** A parameter of a measure beside the cutoff, written `P(rel=2)@10`: an integer, or one of `choices`. */
export interface MeasureParameter {
  readonly default: number | string;
  readonly choices?: readonly string[];
  readonly description: string;
}

type ParameterValues<P extends Record<string, MeasureParameter>> = {
  readonly [K in keyof P]: P[K]["default"] extends number
    ? number
    : P[K]["default"] extends string
      ? string
      : number | string;
};

/** What a measure is. `P` names its parameters; a cutoff that was not given is `Infinity`. */
export interface MeasureDefinition<P extends Record<string, MeasureParameter> = Record<string, MeasureParameter>> {
  /** As papers write it: `nDCG`. */
  readonly name: string;
  /** Other names; those that start with a lower-case letter are trec_eval's, with `_10` for the cutoff. */
  readonly aliases?: readonly string[];
  readonly cutoff: "optional" | "required";
  readonly parameters?: P;
  /** One sentence, for lists. */
  readonly description: string;
  /** The value for one query, in [0, 1] for all of ours; 0 where the formula divides by zero, as trec_eval has it. */
  value(ranking: JudgedRanking, cutoff: number, parameters: ParameterValues<P>): number;
}

/**
 * Declares a measure; the identity function, for its types.
 *
 * @example
 * const firstIsRelevant = defineMeasure({
 *   name: "First", cutoff: "optional", description: "1 when the first document is relevant",
 *   value: ({ grades }) => ((grades[0] ?? 0) >= 1 ? 1 : 0),
 * });
 * evaluate(qrels, run, [measure(firstIsRelevant)]);
 */
export const defineMeasure = <const P extends Record<string, MeasureParameter>>(
  definition: MeasureDefinition<P>,
): MeasureDefinition<P> => definition;
