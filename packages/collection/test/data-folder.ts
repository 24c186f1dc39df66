import { fileURLToPath } from "node:url";

/** Real collections, where a machine has them: `PROPRIA_DATA`, or `shared/data` beside the repository. */
export const dataFolder =
  process.env.PROPRIA_DATA ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
