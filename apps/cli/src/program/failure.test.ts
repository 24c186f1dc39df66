import { readFileSync } from "node:fs";
import { PropriaError } from "@propria/base";
import { describe, expect, it } from "vitest";
import { failureOf, stackOf } from "./failure.ts";

const caught = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

describe("failureOf", () => {
  it("gives the line of a mistake that the user can mend, and status 2", () => {
    const error = new PropriaError("RUN_LINE", "expected 6 fields", { at: "a.run:3" });
    expect(failureOf(error)).toEqual({ line: "a.run:3: expected 6 fields", status: 2 });
  });

  it("gives 130 to an interruption", () => {
    const error = new PropriaError("INTERRUPTED", "stopped after step 3", { at: "out", mend: "resume" });
    expect(failureOf(error)).toEqual({ line: "out: stopped after step 3", status: 130 });
  });

  it("explains what the system says", () => {
    const error = caught(() => readFileSync("/no/such/file"));
    expect(failureOf(error)).toEqual({ line: "/no/such/file: there is no such file or folder", status: 2 });
  });

  it("owns up to a bug, in one line", () => {
    const { line, status } = failureOf(new TypeError("x is\n  undefined"));
    expect(line).toMatch(/^this is a bug in propria: TypeError: x is undefined \(.*--debug.*\)$/);
    expect(status).toBe(1);
  });
});

describe("stackOf", () => {
  it("shows the errors below", () => {
    const error = new PropriaError("A", "above", { cause: new Error("below") });
    expect(stackOf(error)).toMatch(/above[\s\S]+caused by: Error: below\n\s+at /);
  });
});
