import { mergeAdapted } from "@propria/rankers";
import { savedAdapterFlags, savedAdapterOf } from "../flags/adapter.ts";
import { required, text } from "../flags/flag.ts";
import { defineCommand } from "../program/command.ts";
import { mustBeNew } from "../program/output.ts";

/** `propria adapter merge` */
export default defineCommand({
  description:
    "Writes a model with an adapter in its weights: the same vectors and scores, to rounding, without the adapter's cost, and a model to train on. LoRA and BitFit can be merged, " +
    "and whatever says what it adds to the weights.",
  examples: ["propria adapter merge lora --out merged"],
  words: { name: "folder", about: "of the adapter", min: 1 },
  flags: { out: required(text("DIR", "model folder to write")), ...savedAdapterFlags },
  async run({ out, ...flags }, { print, echoSettings }, [folder]) {
    mustBeNew(out);
    await mergeAdapted(folder!, out, await savedAdapterOf(flags));
    await echoSettings(out);
    print(`${out}: a model, with ${folder} in its weights`);
  },
});
