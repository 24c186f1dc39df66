import type { Document } from "./document.ts";

/** Documents on disk by number. Invariant: `size` documents with different ids, in the order of creation; never changed after it. */
export class DocumentStore {
  readonly folder: string;
  readonly size: number;
  /** As `corpusHash` gives it. */
  readonly hash: string;

  private constructor(folder: string, size: number, hash: string) {
    this.folder = folder;
    this.size = size;
    this.hash = hash;
  }

  /** Writes the documents to a new folder and opens it. */
  static async create(folder: string, documents: AsyncIterable<Document>): Promise<DocumentStore> {
    throw new Error(`not there yet: ${folder} ${documents}`);
  }

  static open(folder: string): DocumentStore {
    return new DocumentStore(folder, 0, "");
  }

  /** The document of a number from 0 to `size` − 1; reads one record. */
  at(index: number): Document {
    throw new Error(`not there yet: ${index}`);
  }

  /** The number of a document, by its id. */
  indexOf(id: string): number | undefined {
    throw new Error(`not there yet: ${id}`);
  }

  /** All documents in order, as a corpus has them. */
  async *documents(): AsyncGenerator<Document> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }

  close(): void {
    throw new Error("not there yet");
  }
}
