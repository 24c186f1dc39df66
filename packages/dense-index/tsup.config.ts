import { library } from "../../tsup.base.ts";

export default library(
  { index: "src/index.ts", testing: "src/testing.ts", worker: "src/worker.ts" },
  { external: ["vitest", "faiss-node"] },
);
