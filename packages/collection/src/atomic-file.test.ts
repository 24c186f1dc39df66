import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { folderWith } from "../test/temporary-folder.ts";
import { atomicWriter, DocumentStore, writeFileAtomically, writeFolderAtomically, writeRun } from "./index.ts";

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

describe("atomicWriter", () => {
  it("shows nothing before commit, and can be aborted", async () => {
    const folder = folderWith();
    const writer = await atomicWriter(join(folder, "file"));
    await writer.write("half");
    expect(existsSync(join(folder, "file"))).toBe(false);
    await writer.abort();
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
    await expect(writer.write("more")).rejects.toThrow("was committed or aborted before");
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

describe.skipIf(!canMount())("a full disk: a tmpfs of 256 KiB (needs root on Linux)", () => {
  const onFullDisk = async (use: (folder: string) => Promise<void>) => {
    const folder = folderWith();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]);
    try {
      await use(folder);
    } finally {
      execFileSync("umount", [folder]);
    }
  };

  it("stops a file, a run and a document store with one line, and leaves nothing of them", () =>
    onFullDisk(async (folder) => {
      const error = {
        code: "DISK_FULL",
        message: expect.stringMatching(/^\S+: no space left on the disk \(free some space/),
      };
      await expect(writeFileAtomically(join(folder, "file"), Buffer.alloc(1 << 19))).rejects.toMatchObject(error);
      const documents = Array.from({ length: 20_000 }, (_, i) => ({ documentId: `document-${i}`, score: -i }));
      await expect(writeRun(join(folder, "run"), new Map([["q", documents]]))).rejects.toMatchObject(error);
      const store = documents.map(({ documentId: id }) => ({ id, title: "", text: id.repeat(9) }));
      await expect(DocumentStore.create(join(folder, "store"), store)).rejects.toMatchObject(error);
      expect(readdirSync(folder)).toEqual([]);
    }));
});

function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false; // a container without the right
  }
}
