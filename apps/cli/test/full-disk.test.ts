import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { errorLine, kitchen, pretraining, spawned, temporaryFolder } from "./program.ts";

/** A file system of 64 KiB, which a model does not fit into; only root on Linux may make one. */
const tiny = mountTiny();
afterAll(() => {
  if (tiny === undefined) return;
  spawnSync("umount", [tiny]);
  rmSync(tiny, { recursive: true });
});

describe("a full disk", () => {
  const cwd = temporaryFolder();

  it.skipIf(tiny === undefined)("ends a command in one line with status 2 (as root on Linux)", () => {
    expect(spawned(cwd, "vocab", "--corpus", kitchen, "--size", "300", "--out", "vocab").status).toBe(0);
    cpSync(join(cwd, "vocab/vocab.txt"), join(tiny!, "kept.txt"));
    const { line, status } = errorLine(spawned(cwd, ...pretraining(join(tiny!, "model"), "--steps", "2")));
    expect(line).toMatch(/space|full/i);
    expect(line).toContain(tiny!);
    expect(status).toBe(2);
    expect(readdirSync(tiny!)).toContain("kept.txt");
  });
});

function mountTiny(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "propria-cli-tiny-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}
