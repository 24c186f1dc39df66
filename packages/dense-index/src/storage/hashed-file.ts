import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { StoredFile } from "./files.ts";

/** A file that is written part by part, and hashed on the way. */
export class HashedFile {
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");
  #bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(part: Uint8Array): Promise<void> {
    this.#hash.update(part);
    this.#bytes += part.length;
    await this.#file.writeFile(part); // goes on from where the last one ended
  }

  close = (): Promise<void> => this.#file.close();

  /** What the manifest says; once. */
  stored = (): StoredFile => ({ bytes: this.#bytes, sha256: this.#hash.digest("hex") });
}
