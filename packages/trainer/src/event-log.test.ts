import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openEventLog, type TrainingEvent } from "./event-log.ts";

let path: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "trainer-events-"));
  path = join(folder, "events.jsonl");
  return () => rmSync(folder, { recursive: true });
});

const event = (step: number): TrainingEvent => ({
  ...{ step, loss: 0.5, parts: { mlm: 0.5 }, learningRate: 1e-3, gradientNorm: 2, tokens: 64, elapsed: 1.25 },
});
const steps = () =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as TrainingEvent).step);

describe("event log", () => {
  it("is one JSON object a line, and can be cut back to a length it had", () => {
    const log = openEventLog(path, 0);
    log.append(event(1));
    const { bytes } = log;
    log.append(event(2));
    log.append(event(3));
    log.close();
    expect(steps()).toEqual([1, 2, 3]);

    const again = openEventLog(path, bytes);
    again.append(event(2));
    again.flush();
    again.close();
    expect(steps()).toEqual([1, 2]);
  });

  it("starts over from nothing", () => {
    for (let i = 0; i < 2; i++) {
      const log = openEventLog(path, 0);
      log.append(event(1));
      log.close();
    }
    expect(steps()).toEqual([1]);
  });

  it("refuses a file that is shorter than the checkpoint knows", () => {
    expect(() => openEventLog(path, 9)).toThrow(/events.jsonl: the checkpoint knows 9 bytes of events, 0 are there/);
  });
});
