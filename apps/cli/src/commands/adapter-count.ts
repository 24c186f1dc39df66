import { type Counted, countAdapters } from "../adapters/count.ts";
import { defaulted, pairs, text, toggle } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { table } from "../program/format.ts";
import { encoderShape } from "../training/start.ts";

/** `propria adapter count` */
export default defineCommand({
  description:
    "Counts what adapters train and their files hold, by shapes alone, beside the parameters of the encoder with its pooler.",
  examples: [
    "propria adapter count",
    "propria adapter count lora iaa-l@0.5% iaa-l:lora --config mini",
    "propria adapter count lora --adapter-option rank=8",
  ],
  words: {
    name: "adapter",
    about: "by name, or a .ts or .js file; default: the thesis' settings",
    min: 0,
    several: true,
  },
  flags: {
    config: defaulted(text("NAME|FILE", "tiny, mini, small, medium, base, or a config.json"), "base"),
    adapterOption: pairs("k=v", "an option of the adapters; may be repeated"),
    json: toggle("print JSON"),
  },
  async run({ config, adapterOption, json }, { print, note }, names) {
    const counted = await countAdapters(await encoderShape(config), names, adapterOption);
    if (json) return print(JSON.stringify(counted, null, 2));
    print(table([HEADER, ...counted.map(row)]).join("\n"));
    for (const { adapter, warning } of counted) if (warning) note(`${adapter}: ${warning}`);
    if (names.length > 0) for (const each of counted) print(coverageOf(each).join("\n"));
  },
});

const HEADER = ["adapter", "weights", "%", "with biases", "%"];

const row = ({ adapter, weights, biases, percent, percentWithBiases }: Counted): string[] => [
  adapter,
  weights.toLocaleString("en"),
  percent.toFixed(3),
  (weights + biases).toLocaleString("en"),
  percentWithBiases.toFixed(3),
];

const coverageOf = ({ adapter, coverage }: Counted): string[] =>
  coverage.map(({ kind, pattern, paths }) => `${adapter}: ${kind} ${pattern} finds ${paths.length}`);
