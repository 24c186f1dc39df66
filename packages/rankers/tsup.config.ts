import { library } from "../../tsup.base.ts";

/** The source of examples is a file of its own: the trainer's data worker imports it by its subpath. */
export default library({ index: "src/index.ts", "cross-encoder-source": "src/cross-encoder-source.ts" });
