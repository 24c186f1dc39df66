import { PropriaError } from "@propria/base";
import { describe, expect, it } from "vitest";
import { diskError } from "./disk-error.ts";

describe("diskError", () => {
  it("tells a full disk from other failures", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    expect(diskError(full, "out")).toMatchObject({ code: "DISK", cause: full, mend: "free some, or write elsewhere" });
    const forbidden = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    expect(diskError(forbidden, "out")).toMatchObject({ message: "out: cannot be written: EACCES: permission denied" });
  });

  it("leaves our own errors and our bugs as they are", () => {
    const ours = new PropriaError("OUTPUT_EXISTS", "exists already");
    expect(diskError(ours, "out")).toBe(ours);
    const bug = new TypeError("x is undefined");
    expect(diskError(bug, "out")).toBe(bug);
  });
});
