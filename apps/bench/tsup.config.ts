import { program } from "../../tsup.base.ts";

export default program({
  main: "src/main.ts",
  "costa-training": "src/cases/costa-training.ts",
  "adapter-training": "src/cases/adapters/training.ts",
  "adapter-serving": "src/cases/adapters/serving.ts",
});
