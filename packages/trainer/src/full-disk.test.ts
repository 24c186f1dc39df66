import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newestCheckpoint } from "./checkpoint.ts";

const program = fileURLToPath(new URL("../test/train-bags.mjs", import.meta.url));
const trainIn = (out: string, before = "") =>
  spawnSync("bash", ["-c", `${before} exec "$0" "$1" "$2"`, process.execPath, program, out], { encoding: "utf8" })
    .stdout;

/** A folder on a file system of 1 MB; `undefined` where none can be mounted. */
const disk = mountTiny();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trainer-full-"));
});
afterAll(() => {
  if (disk) spawnSync("umount", [disk]);
  for (const each of [disk, folder]) if (each) rmSync(each, { recursive: true, force: true });
});

describe("a full disk", () => {
  it.skipIf(!disk)(
    "is an error that says so; the checkpoint before is whole, and training goes on when there is room",
    () => {
      const out = join(disk!, "training");
      const filler = join(disk!, "filler");
      writeFileSync(filler, Buffer.alloc(300_000)); // room for two checkpoints, not for a third beside them
      expect(trainIn(out)).toMatch(
        /^DISK_FULL .*no space left to write \(ENOSPC\).*\(make room, then train with resume\)\n$/,
      );
      const { checkpoint, torn } = newestCheckpoint(join(out, "checkpoints"));
      expect(checkpoint?.state.step).toBe(2);
      expect(torn).toEqual([]);
      expect(readdirSync(join(out, "checkpoints"))).toEqual(["step-00000001", "step-00000002"]);
      rmSync(filler);
      expect(trainIn(out)).toBe("8 steps, resumed from 2\n");
    },
  );

  it("is an error that says so, too, when a limit on a file's size is reached", () => {
    const out = join(folder, "limited");
    expect(trainIn(out, "ulimit -f 50;")).toMatch(/^DISK_FULL .*\(EFBIG\)/); // blocks of 1,024 bytes: less than a checkpoint
    expect(readdirSync(join(out, "checkpoints"))).toEqual([]);
    expect(trainIn(out)).toBe("8 steps, resumed from 0\n");
  });
});

describe("a folder that cannot be written", () => {
  it("is an error that says so", () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    expect(trainIn(join(file, "training"))).toMatch(
      /^OUT_NOT_WRITABLE .*a-file\/training: cannot be written \(ENOTDIR\)/,
    );
  });
});

function mountTiny(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const place = mkdtempSync(join(tmpdir(), "trainer-tiny-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place]);
  if (status === 0 && existsSync(place) && statfsSync(place).blocks * statfsSync(place).bsize <= 2 ** 20) return place;
  rmSync(place, { recursive: true });
  return undefined;
}
