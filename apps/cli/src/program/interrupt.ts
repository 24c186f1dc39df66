/** Ctrl-C: the first asks for a checkpoint, the second leaves at once. */
import { EXIT_INTERRUPTED } from "./failure.ts";

/** Listens for Ctrl-C (and a polite `kill`) until `stop`. */
export interface Interruption {
  signal: AbortSignal;
  stop(): void;
}

/**
 * @param tell Gets the line that says what happens now.
 */
export function onInterrupt(tell: (line: string) => void): Interruption {
  const controller = new AbortController();
  const asked = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    tell("interrupted: writing a checkpoint (Ctrl-C once more leaves at once, without it)");
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
