import { describe, expect, it } from "vitest";
import { isPropriaError, PropriaError } from "./index.ts";

describe("PropriaError", () => {
  it("reads as one line: where, what, mend", () => {
    const error = new PropriaError("QRELS_LINE", "expected 4 fields,\n found 3", {
      at: "dev.qrels:42",
      mend: "write: query 0 document grade",
    });
    expect(error.message).toBe("dev.qrels:42: expected 4 fields, found 3 (write: query 0 document grade)");
    expect(error).toMatchObject({ code: "QRELS_LINE", at: "dev.qrels:42" });
  });

  it("is recognised by its marker, whichever copy of the class made it", () => {
    const fromOtherCopy = Object.assign(new Error("other"), { [Symbol.for("propria.error")]: true });
    expect(isPropriaError(fromOtherCopy)).toBe(true);
    expect(isPropriaError(new Error("plain"))).toBe(false);
    expect(isPropriaError(null)).toBe(false);
  });

  it("keeps the error below it", () => {
    const cause = new Error("ENOSPC");
    expect(new PropriaError("DISK_FULL", "no space left", { cause }).cause).toBe(cause);
  });
});
