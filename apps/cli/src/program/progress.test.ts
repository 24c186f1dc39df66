import { describe, expect, it } from "vitest";
import { progressDisplay } from "./progress.ts";

/** A stream that keeps what is written, and a clock that goes when told. */
function stand(isTTY: boolean) {
  let written = "";
  let now = 0;
  const stream = {
    isTTY,
    columns: 100,
    write: (text: string) => {
      written += text;
      return true;
    },
    cursorTo: () => true,
    clearLine: () => true,
    on: () => undefined,
  } as unknown as NodeJS.WriteStream;
  const display = progressDisplay(stream, () => now);
  return { display, written: () => written, after: (milliseconds: number) => (now += milliseconds) };
}

describe("progressDisplay", () => {
  it("writes plain lines now and then where stderr is no terminal, with the time left", () => {
    const { display, written, after } = stand(false);
    const step = display.start("training", "steps");
    for (let done = 1; done <= 100; done++) {
      after(500);
      step.update(done, 100, `loss ${done}`);
    }
    step.end();
    expect(written().split("\n")).toEqual([
      "training: 4 of 100 steps (4 %), loss 4, 48 s left",
      "training: 24 of 100 steps (24 %), loss 24, 38 s left",
      "training: 44 of 100 steps (44 %), loss 44, 28 s left",
      "training: 64 of 100 steps (64 %), loss 64, 18 s left",
      "training: 84 of 100 steps (84 %), loss 84, 8.0 s left",
      "training: loss 100, done in 50 s",
      "",
    ]);
  });

  it("counts what has no known end, and guesses nothing", () => {
    const { display, written, after } = stand(false);
    const step = display.start("reading", "documents");
    after(2500);
    step.update(12_345);
    expect(written()).toBe("reading: 12,345 documents\n");
  });

  it("estimates a resumed step by its own pace", () => {
    const { display, written, after } = stand(false);
    const step = display.start("training", "steps");
    for (let done = 900; done <= 905; done++) {
      step.update(done, 1000);
      after(1000);
    }
    expect(written()).toBe("training: 902 of 1,000 steps (90 %), 1 min 38 s left\n");
  });

  it("draws a bar on a terminal, and one line when it is done", () => {
    const { display, written, after } = stand(true);
    const step = display.start("training", "steps");
    for (let done = 1; done <= 4; done++) {
      after(1000);
      step.update(done, 8, "loss 1");
    }
    expect(written()).toContain("training ████████████░░░░░░░░░░░░ 4/8 steps · loss 1 · 4.0 s left");
    step.end();
    expect(written()).toMatch(/training: loss 1, done in 4\.0 s\n$/);
  });
});
