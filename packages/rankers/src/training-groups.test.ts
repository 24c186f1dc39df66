import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTrainingGroups, type TrainingQuery, writeTrainingGroups } from "./training-groups.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const random = seeded(2, "numbers");
const numbers = (count: number) => Array.from({ length: count }, () => random.int(2 ** 32));
const queries: TrainingQuery[] = [
  { queryIds: [], positives: [0], negatives: [] },
  { queryIds: [1], positives: [0, 7], negatives: [5], teacher: [0.5, -1, 2], labels: [0.25, 1] },
  ...Array.from({ length: 3000 }, () => ({
    queryIds: numbers(random.int(20)),
    positives: numbers(1 + random.int(3)),
    negatives: numbers(random.int(200)),
  })),
];

async function* stream(queries: TrainingQuery[]) {
  yield* queries;
}

describe("openTrainingGroups", () => {
  it("gives back every query that was written, in any order", async () => {
    const path = join(folder, "queries.bin");
    await writeTrainingGroups(path, stream(queries));
    const groups = openTrainingGroups(path);
    expect(groups.count).toBe(queries.length);
    for (const item of [...queries.keys()].reverse()) expect(groups.at(item)).toEqual(queries[item]);
    groups.close();
  });

  it("refuses a file that was cut short or is something else", async () => {
    const path = join(folder, "queries.bin");
    await writeTrainingGroups(path, stream(queries.slice(0, 5)));
    const whole = await readFile(path);
    for (const damaged of [
      whole.subarray(0, -4),
      whole.subarray(4),
      whole.subarray(0, 7),
      Buffer.from("{}"),
      Buffer.alloc(0),
    ]) {
      await writeFile(path, damaged);
      expect(() => openTrainingGroups(path)).toThrow(`${path}: is no whole file of training queries`);
    }
  });
});
