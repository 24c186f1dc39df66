import { rmSync } from "node:fs";
import { EXIT_INTERRUPTED } from "./failure.ts";

/**
 * Runs what writes to temporary places; Ctrl-C takes those away and leaves at once, with the status 130.
 *
 * @param places Files and folders that are of no use when the work is not done.
 */
export async function withCleanExit<Result>(places: readonly string[], work: () => Promise<Result>): Promise<Result> {
  const leave = () => {
    for (const place of places) rmSync(place, { recursive: true, force: true });
    process.exit(EXIT_INTERRUPTED);
  };
  process.once("SIGINT", leave).once("SIGTERM", leave);
  try {
    return await work();
  } finally {
    process.off("SIGINT", leave).off("SIGTERM", leave);
  }
}
