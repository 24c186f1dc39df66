import { toggle } from "../flags/flag.ts";
import { describeLists, type Topic, topics } from "../listing/topics.ts";
import { defineCommand } from "../program/command.ts";

/** `propria list` */
export default defineCommand({
  description:
    "Lists what the program knows: objectives with their options, encoder sizes, kinds of index, measures, file formats.",
  examples: ["propria list", "propria list objectives --json"],
  words: { name: "topic", about: "one of them; default: all", choices: Object.keys(topics), min: 0 },
  flags: { json: toggle("print JSON") },
  async run({ json }, { print }, [topic]) {
    const chosen = topic === undefined ? (Object.keys(topics) as Topic[]) : [topic as Topic];
    if (json) {
      const items = await Promise.all(chosen.map(async (each) => [each, await topics[each].items()] as const));
      return print(JSON.stringify(Object.fromEntries(items), null, 2));
    }
    print((await describeLists(chosen)).join("\n"));
  },
});
