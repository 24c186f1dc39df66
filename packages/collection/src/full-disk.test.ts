import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "@propria/base";
import { describe, expect, it } from "vitest";
import { folderWith } from "../test/temporary-folder.ts";
import { DocumentStore, writeRun } from "./index.ts";

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
