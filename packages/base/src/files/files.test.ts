import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { surroundingsError, writeFileAtomically, writeFolderAtomically } from "../index.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with these files, gone after the test. */
function folderWith(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "propria-base-"));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe("writeFileAtomically", () => {
  it("writes text, bytes and parts, creates the folders on the way, and leaves nothing beside", async () => {
    const folder = folderWith();
    const path = join(folder, "a/b/file");
    await writeFileAtomically(path, "whole");
    expect(readFileSync(path, "utf8")).toBe("whole");
    await writeFileAtomically(path, Uint8Array.of(104, 105));
    expect(readFileSync(path, "utf8")).toBe("hi");
    await writeFileAtomically(path, ["é", Buffer.from("!"), "x".repeat(3_000_000)]);
    expect(readFileSync(path, "utf8")).toBe(`é!${"x".repeat(3_000_000)}`);
    expect(readdirSync(join(folder, "a/b"))).toEqual(["file"]);
  });

  it("compresses where the path ends in .gz, the same content to the same bytes", async () => {
    const folder = folderWith();
    const parts = Array.from({ length: 50_000 }, (_, i) => `${i} ${Math.sin(i)}\n`);
    await writeFileAtomically(join(folder, "a.gz"), parts);
    await writeFileAtomically(join(folder, "b.gz"), parts);
    expect(gunzipSync(readFileSync(join(folder, "a.gz"))).toString()).toBe(parts.join(""));
    expect(readFileSync(join(folder, "a.gz")).equals(readFileSync(join(folder, "b.gz")))).toBe(true);
  });

  it("shows nothing before the end", async () => {
    const path = join(folderWith(), "file");
    const parts = async function* () {
      yield "half";
      expect(existsSync(path)).toBe(false);
      yield "half";
    };
    await writeFileAtomically(path, parts());
    expect(readFileSync(path, "utf8")).toBe("halfhalf");
  });

  it("lets the caller explain what the system says, and not what the content throws", async () => {
    const folder = folderWith({ file: "" });
    const explain = (error: unknown, path: string) => new Error(`${path}: ${(error as NodeJS.ErrnoException).code}`);
    const path = join(folder, "file/below");
    await expect(writeFileAtomically(path, "x", { explain })).rejects.toThrow(`${path}: EEXIST`);
    await expect(writeFolderAtomically(path, async () => {}, { explain })).rejects.toThrow(`${path}: ENOTDIR`);
    const parts = function* () {
      yield readFileSync(join(folder, "absent"));
    };
    await expect(writeFileAtomically(join(folder, "file"), parts(), { explain })).rejects.toThrow(
      "ENOENT: no such file",
    );
  });

  it("keeps the old file when the content fails half way", async () => {
    const folder = folderWith({ file: "old" });
    async function* failing() {
      yield "x".repeat(2_000_000);
      throw new Error("the source broke");
    }
    await expect(writeFileAtomically(join(folder, "file"), failing())).rejects.toThrow("the source broke");
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("old");
  });

  it("tells a folder in its place", async () => {
    const folder = folderWith({ "file.tmp/x": "" });
    await expect(writeFileAtomically(join(folder, "file"), "x")).rejects.toMatchObject({
      code: "NOT_FOUND",
      at: join(folder, "file"),
    });
  });

  // Writing to /dev/full fails as on a full disk.
  it.skipIf(!existsSync("/dev/full"))("tells a full disk and keeps the old file", async () => {
    const folder = folderWith({ file: "old" });
    symlinkSync("/dev/full", join(folder, "file.tmp"));
    await expect(writeFileAtomically(join(folder, "file"), "new")).rejects.toMatchObject({
      code: "DISK_FULL",
      at: join(folder, "file"),
      cause: expect.objectContaining({ code: "ENOSPC" }),
    });
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("old");
  });
});

describe("writeFolderAtomically", () => {
  it("removes what an earlier, killed process left beside", async () => {
    const folder = folderWith({ "out.tmp/stale": "" });
    await writeFolderAtomically(join(folder, "out"), async (temporary) => writeFileSync(join(temporary, "new"), ""));
    expect([readdirSync(folder), readdirSync(join(folder, "out"))]).toEqual([["out"], ["new"]]);
  });

  it("refuses a folder that filled up meanwhile, and keeps it", async () => {
    const out = join(folderWith(), "out");
    const writing = writeFolderAtomically(out, async () => {
      mkdirSync(out);
      writeFileSync(join(out, "other"), "");
    });
    await expect(writing).rejects.toMatchObject({ code: "OUT_EXISTS" });
    expect(readdirSync(out)).toEqual(["other"]);
  });
});

describe("surroundingsError", () => {
  it.each([
    ["EFBIG", "DISK_FULL"],
    ["ENOSPC", "DISK_FULL"],
    ["EACCES", "NO_PERMISSION"],
    ["ENOTDIR", "NOT_FOUND"],
  ])("makes of %s a %s that keeps its cause", (code, ours) => {
    const cause = Object.assign(new Error(code), { code });
    expect(surroundingsError(cause, "out")).toMatchObject({ code: ours, at: "out", cause });
  });

  it("leaves other errors as they are", () => {
    const bug = new TypeError("x is undefined");
    expect(surroundingsError(bug, "out")).toBe(bug);
  });
});
