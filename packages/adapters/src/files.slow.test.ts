import { spawnSync } from "node:child_process";
import { seeded } from "@propria/base";
import type { HostParameters } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { expectClose, model, oracle, results, temporaryFolder } from "../test/fixtures.ts";
import { attach, lora, prefix, saveAdapter } from "./index.ts";

const python = process.env.PROPRIA_PYTHON;
const { config, parameters: base } = model;

const randomised = (parameters: HostParameters): HostParameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => {
      const random = seeded(5, name);
      return [name, { shape, data: data.map((value) => value + random() - 0.5) }];
    }),
  );

describe("an adapter that we wrote", () => {
  it.skipIf(!python).each([
    ["lora", attach(lora, { config, options: { rank: 2, targets: ["layer.*.output.dense", "attention.self.key"] } })],
    ["prefix", attach(prefix, { config, options: { length: 2, middle: 8, positions: "shifted" } })],
  ])("gives the same vectors in PEFT: %s", async (_, attachment) => {
    const folder = temporaryFolder();
    const parameters = randomised(attachment.initialize(seeded(1)));
    await saveAdapter(folder, { attachment, parameters, base });
    const { stdout, stderr } = spawnSync(python!, [oracle("read.py"), folder], { encoding: "utf8" });
    expect(stdout, stderr).not.toBe("");
    expect(stderr).not.toContain("missing");
    expectClose(await results({ attachment, parameters, heads: {} }), JSON.parse(stdout) as number[]);
  });
});
