/** How an experiment shows while it runs. */
import type { RunOptions } from "@propria/experiments";
import { duration } from "../program/format.ts";
import type { ProgressDisplay, Step } from "../program/progress.ts";

type Progress = Parameters<NonNullable<RunOptions["onProgress"]>>[0];

/** A bar for each step, `3/20 pretrain COSTA`, or for each thing that it counts: documents, then steps; a line for each that is kept from before. */
export function experimentDisplay(progress: ProgressDisplay): { onProgress(event: Progress): void; end(): void } {
  let running: { step: Step; unit: string } | undefined;
  const end = () => {
    running?.step.end();
    running = undefined;
  };
  return {
    onProgress(event) {
      const title = `${event.step}/${event.steps} ${event.name}`;
      switch (event.state) {
        case "kept":
          return progress.note(`${title}: kept from before`);
        case "started":
          return end();
        case "running":
          if (running?.unit !== event.unit) end();
          running ??= { step: progress.start(title, event.unit), unit: event.unit };
          return running.step.update(event.done, event.total, event.note);
        case "done":
          if (running !== undefined) return end();
          return progress.note(`${title}: done in ${duration(event.seconds)}`);
      }
    },
    end,
  };
}
