import { program } from "../../tsup.base.ts";

export default program({ main: "src/main.ts", "costa-training": "src/cases/costa-training.ts" });
