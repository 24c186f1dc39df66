import { type AdaptedDescription, describeAdapted } from "@propria/rankers";
import { savedAdapterFlags, savedAdapterOf } from "../flags/adapter.ts";
import { toggle } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { table } from "../program/format.ts";

/** `propria adapter info` */
export default defineCommand({
  description: "Describes the folder of an adapter: its method and options, its model, its size, where it attaches.",
  examples: ["propria adapter info lora", "propria adapter info lora --json"],
  words: { name: "folder", about: "of the adapter", min: 1 },
  flags: { ...savedAdapterFlags, json: toggle("print JSON") },
  async run({ json, ...flags }, { print }, [folder]) {
    const described = await describeAdapted(folder!, await savedAdapterOf(flags));
    print(json ? JSON.stringify(described, null, 2) : table(rowsOf(described), { left: [0, 1] }).join("\n"));
  },
});

function rowsOf(described: AdaptedDescription): string[][] {
  const { adapter, options, mergeable, base, weights, biases, percentWithBiases, coverage, heads, bytes } = described;
  const count = `${(weights + biases).toLocaleString("en")} parameters, ${percentWithBiases.toFixed(3)} % of the model's`;
  const known = base.stated ? "the one that it was trained on" : "the file does not say which it was trained on";
  return [
    ["adapter", `${adapter}, which ${mergeable ? "can" : "cannot"} be merged`],
    [
      "options",
      Object.entries(options)
        .map(([name, value]) => `${name}=${shown(value)}`)
        .join(" "),
    ],
    ["model", `${base.folder}: ${known}`],
    ["its hash", base.sha256],
    ["size", `${count}; ${bytes.toLocaleString("en")} bytes with heads`],
    ["heads", heads.join(" ") || "none"],
    ...coverage.map(({ kind, pattern, paths }) => ["sites", `${kind} ${pattern}: ${paths.length}`]),
  ];
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
