import { describe, expect, it } from "vitest";
import { choice, defaulted, integer, list, number, numbers, pairs, required, text, toggle } from "./flag.ts";
import { printSettings, requireAll, settingsOf } from "./settings.ts";

const flags = {
  corpus: required(text("PATH", "what is read")),
  checkpointEvery: defaulted(integer("N", "steps between"), 500),
  lr: number("X", "rate", { above: 0, below: 1 }),
  resume: defaulted(choice(["auto", "never"], "or not"), "auto"),
  option: pairs("k=v", "options"),
  run: list("RUN", "runs"),
  weights: numbers("X", "weights", { min: 0 }),
  seeds: numbers("N", "seeds", { whole: true }),
  json: toggle("as JSON"),
};
const read = (commandLine: Record<string, unknown>, configFile: Record<string, unknown> = {}) =>
  settingsOf(flags, { commandLine, configFile, configPath: "c.yaml" });

describe("settingsOf", () => {
  it("takes the command line before the config file, and that before the default", () => {
    const { values, origins } = read({ corpus: "a" }, { corpus: "b", "checkpoint-every": 7 });
    expect(values).toEqual({
      ...{ corpus: "a", checkpointEvery: 7, resume: "auto", option: [], json: false },
      ...{ lr: undefined, run: undefined, weights: undefined, seeds: undefined },
    });
    expect(origins).toMatchObject({ corpus: "command line", checkpointEvery: "config file", resume: "default" });
  });

  it("reads numbers from texts, and pairs from a mapping", () => {
    expect(read({ lr: "2e-5" }).values.lr).toBe(2e-5);
    expect(read({}, { option: { maskRate: 0.2, names: ["a"] } }).values.option).toEqual([
      "maskRate=0.2",
      'names=["a"]',
    ]);
    expect(read({}, { run: "one.run" }).values.run).toEqual(["one.run"]);
    expect(read({ weights: ["0.3", "0.5,1"] }).values.weights).toEqual([0.3, 0.5, 1]);
    expect(read({}, { weights: [1, 2] }).values.weights).toEqual([1, 2]);
  });

  it.each<[Record<string, unknown>, Record<string, unknown>, string]>([
    [{ checkpointEvery: "1.5" }, {}, '--checkpoint-every: expected a whole number, found "1.5"'],
    [{ checkpointEvery: "0" }, {}, "--checkpoint-every: expected at least 1, found 0"],
    [{}, { lr: 1 }, "c.yaml: lr: expected less than 1, found 1"],
    [{ lr: "" }, {}, '--lr: expected a number, found ""'],
    [{ resume: "nevr" }, {}, '--resume: expected auto, never, found "nevr" (did you mean never?)'],
    [{ weights: ["1", "b.run"] }, {}, '--weights: expected a number, found "b.run"'],
    [{ seeds: ["1", "2.5"] }, {}, "--seeds: expected a whole number, found 2.5"],
    [{ weights: ["-1"] }, {}, "--weights: expected at least 0, found -1"],
    [{}, { json: "yes" }, 'c.yaml: json: expected true or false, found "yes"'],
    [{ option: ["maskRate"] }, {}, '--option: expected k=v, found "maskRate"'],
    [{}, { corpus: ["a"] }, 'c.yaml: corpus: expected a text, found ["a"]'],
  ])("says what is wrong with %j %j", (commandLine, configFile, message) => {
    expect(() => read(commandLine, configFile)).toThrow(message);
  });
});

describe("requireAll", () => {
  it("names the flags that are missing, with what they are", () => {
    expect(() => requireAll(flags, read({}))).toThrow("needs --corpus PATH (corpus: what is read)");
    expect(() => requireAll(flags, read({ corpus: "a" }))).not.toThrow();
  });
});

describe("printSettings", () => {
  it("prints a config file that says where each value comes from", () => {
    expect(printSettings(flags, read({ run: ["a", "b"] }, { lr: 0.1 })).split("\n")).toEqual([
      "# corpus: PATH  # required: what is read",
      "checkpoint-every: 500  # default",
      "lr: 0.1  # config file",
      "resume: auto  # default",
      "option: []  # default",
      "run: [ a, b ]  # command line",
      "# weights: X  # not set: weights",
      "# seeds: N  # not set: seeds",
      "json: false  # default",
    ]);
  });
});
