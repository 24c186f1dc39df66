import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { wordCounter, wordSetSampler } from "./index.ts";

const data = process.env.PROPRIA_DATA ?? "";
const folder = join(data, "text-en-wikipedia");
const PAIRS_PER_SECOND = 10_000;

describe("the sampler's speed", () => {
  it.skipIf(!existsSync(folder))(
    `draws ${PAIRS_PER_SECOND} pairs a second on one core, reading of the documents' words included`,
    () => {
      const texts = readdirSync(folder)
        .filter((file) => file.endsWith(".jsonl.gz"))
        .flatMap((file) =>
          gunzipSync(readFileSync(join(folder, file)))
            .toString("utf8")
            .trimEnd()
            .split("\n"),
        )
        .map((line) => JSON.parse(line) as { title: string; text: string })
        .map(({ title, text }) => `${title} ${text}`);
      const counter = wordCounter();
      for (const text of texts) counter.add(text);
      const sampler = wordSetSampler(counter.finish());
      const start = process.hrtime.bigint();
      const pairs = texts.reduce((sum, text, i) => sum + sampler.pairs(text, seeded(1, i)).length, 0);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      expect(pairs / seconds).toBeGreaterThan(PAIRS_PER_SECOND);
    },
  );
});
