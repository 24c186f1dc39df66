import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qrelsOf, rows, runOf } from "../test/trec-files.ts";
import { evaluate } from "./index.ts";

const data = process.env.PROPRIA_DATA ?? "";
const folder = join(data, "reference/trec_eval-test"); // usnistgov/trec_eval at f425365, folder test
const file = (name: string) => join(folder, name);

/** trec_eval's name of a measure, where it is one of ours. */
const isOurs = (name: string) => /^(map|ndcg|recip_rank|(map_cut|ndcg_cut|P|recall|success)_\d+)$/.test(name);

/** Compares every line of trec_eval's output that is one of our measures, as text. */
function check(output: string, evaluation: (measures: string[]) => ReturnType<typeof evaluate>): number {
  const lines = rows(file(output)).filter(([name]) => isOurs(name!));
  const names = [...new Set(lines.map(([name]) => name!))];
  const { measures, perQuery, mean } = evaluation(names);
  for (const [name, query, printed] of lines) {
    const values = query === "all" ? mean : perQuery.get(query!)!;
    expect(values[measures[names.indexOf(name!)]!]!.toFixed(4), `${name} ${query}`).toBe(printed);
  }
  return lines.length;
}

describe.skipIf(!existsSync(folder))("evaluate, against trec_eval's own test files (set PROPRIA_DATA)", () => {
  it("prints what trec_eval prints for results.test", () => {
    const printed = check("out.test", (names) =>
      evaluate(qrelsOf(file("qrels.test")), runOf(file("results.test")), names),
    );
    expect(printed).toBe(11); // map, recip_rank, nine of P
  });

  it.each([
    ["trec_eval-10", "answered"],
    ["trec_eval-10", "judged"],
    ["trec_eval-9", "answered"],
  ] as const)("prints what trec_eval -q -m all_trec prints, query by query (%s, %s)", (compat, queries) => {
    const printed = check("out.test.aq", (names) =>
      evaluate(qrelsOf(file("qrels.test")), runOf(file("results.test")), names, { compat, queries }),
    );
    expect(printed).toBe((2 + 1 + 4 * 9 + 3) * 4); // map, ndcg, recip_rank; cuts of four measures; success: three queries and the mean
  });

  it("counts an unanswered query as 0, as trec_eval -c does", () => {
    check("out.test.aqc", (names) => evaluate(qrelsOf(file("qrels.test")), runOf(file("results.trunc")), names));
  });

  it("takes the relevance level as trec_eval -l2 does", () => {
    const level = (name: string) =>
      name
        .replace(/^(map|recip_rank)$/, (each) => ({ map: "AP", recip_rank: "RR" })[each]!)
        .replace(
          /^(map_cut|P|recall|success)_(\d+)$/,
          (_, each: string, k: string) => `${{ map_cut: "AP", P: "P", recall: "R", success: "Success" }[each]}@${k}`,
        )
        .replace(/^(AP|RR|P|R|Success)\b/, "$1(rel=2)");
    check("out.test.aql", (names) =>
      evaluate(qrelsOf(file("qrels.rel_level")), runOf(file("results.test")), names.map(level)),
    );
  });
});
