/** Ctrl-C: the first asks for a checkpoint, the second leaves at once. */
import { EXIT_INTERRUPTED } from "./failure.ts";

/** Listens for Ctrl-C (and a polite `kill`) until `stop`. */
export interface Interruption {
  signal: AbortSignal;
  stop(): void;
}

/**
 * @param resumes Whether the same command goes on from the checkpoint.
 * @param tell    Gets the line that says what happens now.
 */
export function onInterrupt(resumes: boolean, tell: (line: string) => void): Interruption {
  const controller = new AbortController();
  const asked = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    const checkpoint = resumes ? "writing a checkpoint, from which the same command goes on" : "stopping";
    tell(`interrupted: ${checkpoint} (Ctrl-C once more leaves at once)`);
    controller.abort();
  };
  process.on("SIGINT", asked);
  process.on("SIGTERM", asked);
  return {
    signal: controller.signal,
    stop() {
      process.off("SIGINT", asked);
      process.off("SIGTERM", asked);
    },
  };
}
