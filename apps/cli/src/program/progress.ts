/** How far a long step is, on stderr: a bar on a terminal, now and then a line elsewhere. */
import { SingleBar } from "cli-progress";
import { duration } from "./format.ts";

/** One long step. */
export interface Step {
  /**
   * @param done  Units done, of `total` when that is known.
   * @param note  What else is known: the loss, the stage.
   */
  update(done: number, total?: number, note?: string): void;
  /** Ends the step; says how long it took, and `note`, by default the last one. */
  end(note?: string): void;
}

/** Where steps show. One at a time. */
export interface ProgressDisplay {
  /** @param unit What is counted: `documents`, `steps`. */
  start(title: string, unit: string): Step;
  /** A line above the bar. */
  note(line: string): void;
  /** Removes a bar that an error left. */
  clear(): void;
}

const REDRAW_MS = 100;
const FIRST_LINE_MS = 2_000; // shorter steps say only that they are done
const LINE_EVERY_MS = 10_000;
const PACE_MEMORY_MS = 20_000; // the time left goes by the pace of the last so long
const SAMPLE_MS = 1_000;

/**
 * @param stream stderr, or a stand-in with `isTTY`.
 * @param clock  Milliseconds from any origin.
 */
export function progressDisplay(
  stream: NodeJS.WriteStream,
  clock: () => number = () => performance.now(),
): ProgressDisplay {
  let bar: SingleBar | undefined;
  const line = (text: string) => {
    if (bar === undefined || !stream.isTTY) stream.write(`${text}\n`);
    else {
      stream.write(`\r\x1b[K${text}\n`); // the bar draws itself again below
      bar.render();
    }
  };
  return {
    start(title, unit) {
      const started = clock();
      const pace = paceKeeper();
      let lastNote = "";
      let lastDrawn = started - REDRAW_MS;
      let lastLine = started + FIRST_LINE_MS - LINE_EVERY_MS;
      const draw = (done: number, total: number | undefined, note: string, now: number) => {
        if (bar === undefined) {
          bar = newBar(stream, title, unit);
          bar.start(total ?? 0, done, { note, left: "" });
        }
        if (total !== undefined) bar.setTotal(total);
        bar.update(done, { note, known: total !== undefined, left: pace.left(done, total, now) });
        bar.render();
      };
      const say = (done: number, total: number | undefined, note: string, now: number) => {
        const percent = total ? ` (${Math.floor((100 * done) / total)} %)` : "";
        const left = pace.left(done, total, now);
        const parts = [
          `${count(done)}${total === undefined ? "" : ` of ${count(total)}`} ${unit}${percent}`,
          note,
          left,
        ];
        line(`${title}: ${parts.filter(Boolean).join(", ")}`);
      };
      return {
        update(done, total, note = "") {
          const now = clock();
          lastNote = note;
          pace.see(done, now);
          if (stream.isTTY && now - lastDrawn >= REDRAW_MS) {
            lastDrawn = now;
            draw(done, total, note, now);
          } else if (!stream.isTTY && now - lastLine >= LINE_EVERY_MS) {
            lastLine = now;
            say(done, total, note, now);
          }
        },
        end(note = lastNote) {
          clear();
          line(`${title}: ${[note, `done in ${duration((clock() - started) / 1000)}`].filter(Boolean).join(", ")}`);
        },
      };
    },
    note: line,
    clear,
  };

  function clear() {
    if (bar === undefined) return;
    bar.stop();
    bar = undefined;
    stream.write("\r\x1b[K");
  }
}

function newBar(stream: NodeJS.WriteStream, title: string, unit: string): SingleBar {
  return new SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: false, // a killed process would leave it hidden
    autopadding: false,
    linewrap: false,
    fps: 1000 / REDRAW_MS,
    barsize: 24,
    format: (options, { progress, value, total }, payload: { note?: string; left?: string; known?: boolean }) => {
      const filled = Math.round(progress * (options.barsize ?? 0));
      const drawn = payload.known ? `${"█".repeat(filled)}${"░".repeat((options.barsize ?? 0) - filled)} ` : "";
      const amount = payload.known ? `${count(value)}/${count(total)}` : count(value);
      const text = [`${title} ${drawn}${amount} ${unit}`, payload.note, payload.left].filter(Boolean).join(" · ");
      return text.slice(0, Math.max(20, (stream.columns || 80) - 1));
    },
  });
}

/** Estimates the time left by the pace of the last while, as seen from the first update on: a resumed step begins in the middle. */
function paceKeeper() {
  const seen: { at: number; done: number }[] = [];
  return {
    see(done: number, now: number) {
      if (seen.length > 1 && now - seen.at(-2)!.at < SAMPLE_MS) seen.pop();
      seen.push({ at: now, done });
      while (seen.length > 2 && now - seen[0]!.at > PACE_MEMORY_MS) seen.shift();
    },
    left(done: number, total: number | undefined, now: number): string {
      const [first] = seen;
      if (total === undefined || first === undefined || done <= first.done || now - first.at < SAMPLE_MS) return "";
      return `${duration(((total - done) * (now - first.at)) / (done - first.done) / 1000)} left`;
    },
  };
}

const count = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 1 });
