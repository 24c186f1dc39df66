import { library } from "../../tsup.base.ts";

/** Sources of examples are files of their own: the trainer's data worker imports them by their subpaths. */
export default library({
  index: "src/index.ts",
  "bi-encoder-source": "src/bi-encoder/bi-encoder-source.ts",
  "cross-encoder-source": "src/cross-encoder-source.ts",
  "interaction-source": "src/interaction/interaction-source.ts",
  "deep-ct-source": "src/deep-ct/deep-ct-source.ts",
});
