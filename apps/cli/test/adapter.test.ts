import { describe, expect, it } from "vitest";
import { errorLine, narrow, propria, temporaryFolder } from "./program.ts";

const cwd = temporaryFolder();

describe("propria adapter count", () => {
  it("prints the thesis' settings, and warns of those whose printed share is not the true one", async () => {
    const { stdout, stderr, status } = await propria(cwd, "adapter", "count");
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining([
        "adapter         weights      %  with biases      %",
        "lora@0.5%       589,824  0.539      589,824  0.539",
        "iaa-l@0.5%      663,552  0.606      691,632  0.632",
      ]),
    );
    expect(stderr).toContain("iaa-m@6.7%: printed as 6.7 % of BERT-base, it is 7.58 %");
  });

  it("counts adapters by name and options on any shape, and says what each pattern found", async () => {
    const words = ["adapter", "count", "lora", "iaa-l:lora", "--config", narrow, "--adapter-option", "rank=4"];
    const { stdout } = await propria(cwd, ...words, "--adapter-option", 'targets=["attention.self.key","self.value"]');
    expect(stdout).toContain("lora: linear attention.self.key finds 2\n");
    expect(stdout).toContain("iaa-l:lora: layer * finds 2\n");
    const counted = JSON.parse((await propria(cwd, ...words, "--json")).stdout) as {
      adapter: string;
      weights: number;
    }[];
    expect(counted.map(({ adapter, weights }) => [adapter, weights])).toEqual([
      ["lora", 4 * 4 * 64], // two maps in each of two layers, 32 wide
      ["iaa-l:lora", 4 * 4 * 64 + 2 * 2 * 32 * 12],
    ]);
  });

  it("tells bad input in one line", async () => {
    const fails = async (...words: string[]) => errorLine(await propria(cwd, "adapter", "count", ...words));
    const refused = (part: string) => ({ line: expect.stringContaining(part), status: 2 });
    expect(await fails("lorra")).toEqual(refused('no adapter is called "lorra" (one of adapter, aside, bitfit,'));
    expect(await fails("lora", "--adapter-option", "ranks=4")).toEqual(refused("did you mean rank?"));
    const misplaced = await fails("lora", "--adapter-option", 'targets=["query.dense"]');
    expect(misplaced).toEqual(refused('no linear is called "query.dense"'));
    expect(await fails("--config", "bass")).toEqual(refused("did you mean base?"));
  });
});
