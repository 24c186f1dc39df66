/**
 * faiss through faiss-node. Whatever would abort the process is refused before the call: training with too few vectors, using what is
 * not trained, a depth of 0 or above the number of rows, removing (documents are only marked as gone, and searches look further).
 *
 * @see Douze et al., "The Faiss library", 2024. https://arxiv.org/abs/2401.08281
 */
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import type { Candidates } from "../documents/ranking.ts";
import type { IndexCore, Rows } from "../index-core.ts";
import type { NativeLibrary } from "../native/native-worker.ts";
import { hashed, type StoredFile } from "../storage/files.ts";
import type { Factory } from "./factory.ts";
import { type Breadths, FAISS_DEFAULTS } from "./header.ts";

/** The index file in an index folder, faiss' own format. */
export const FAISS_FILE = "index.faiss";

/** Queries in one call to the thread. */
const QUERIES_AT_A_TIME = 256;

/** Settings, defaults filled in; breadths of HNSW and probes of IVF alone. */
export interface FaissSettings {
  dimensions: number;
  factory: Factory;
  breadths?: Breadths;
  nprobe?: number;
}

/** The `faiss:` kinds. */
export class FaissCore implements IndexCore {
  readonly reusesRows = false;
  readonly #settings: FaissSettings;
  readonly #library: NativeLibrary<"faiss">;
  readonly #handle: number;
  /** What waits for the training. */
  #waiting: Float32Array[] = [];
  #waitingRows = 0;
  #rows: number;

  private constructor(settings: FaissSettings, library: NativeLibrary<"faiss">, handle: number, rows: number) {
    this.#settings = settings;
    this.#library = library;
    this.#handle = handle;
    this.#rows = rows;
  }

  static async create(settings: FaissSettings, library: NativeLibrary<"faiss">): Promise<FaissCore> {
    const { dimensions, factory, breadths, nprobe } = settings;
    const handle = await library.calls.create(dimensions, factory.text);
    const empty = { dimensions, rows: 0 };
    if (breadths) await library.calls.patch(handle, { ...empty, hnsw: { found: FAISS_DEFAULTS, wanted: breadths } });
    if (nprobe !== undefined) await library.calls.patch(handle, { ...empty, ivf: { lists: factory.lists!, nprobe } });
    return new FaissCore(settings, library, handle, 0);
  }

  /** From a file that was checked. @param found The breadths with which it was saved. */
  static async open(
    settings: FaissSettings,
    library: NativeLibrary<"faiss">,
    { file, rows, found }: { file: string; rows: number; found: Breadths | undefined },
  ): Promise<FaissCore> {
    const { dimensions, factory, breadths, nprobe } = settings;
    const { handle, ...read } = await library.calls.read(file);
    if (read.rows !== rows || read.dimensions !== dimensions)
      throw new PropriaError("DAMAGED", `${read.rows} rows of ${read.dimensions}, expected ${rows} of ${dimensions}`, {
        at: file,
      });
    const whole = { dimensions, rows };
    if (breadths && found && breadths.efSearch !== found.efSearch)
      await library.calls.patch(handle, { ...whole, hnsw: { found, wanted: breadths } }, file);
    if (nprobe !== undefined)
      await library.calls.patch(handle, { ...whole, ivf: { lists: factory.lists!, nprobe } }, file);
    return new FaissCore(settings, library, handle, rows);
  }

  /** Of the vectors as they came; faiss does not say what it takes. */
  get bytes(): number {
    return (this.#rows + this.#waitingRows) * this.#settings.dimensions * 4;
  }

  get options() {
    const { factory, breadths, nprobe } = this.#settings;
    return {
      factory: factory.text,
      ...breadths,
      ...(nprobe === undefined ? {} : { nprobe }),
      threads: this.#library.threads,
    };
  }

  async put(_rows: readonly number[], vectors: Float32Array): Promise<void> {
    const { factory, dimensions } = this.#settings;
    if (!this.#mustTrain()) {
      await this.#library.calls.add(this.#handle, vectors);
      this.#rows += vectors.length / dimensions;
      return;
    }
    this.#waiting.push(vectors);
    this.#waitingRows += vectors.length / dimensions;
    if (this.#waitingRows >= factory.mostTraining) await this.#train();
  }

  async drop(): Promise<void> {
    // faiss-node's removal shifts labels, is missing for some kinds and aborts for others: holes are skipped instead.
  }

  async search(queries: Float32Array, depth: number, rows: Rows): Promise<Candidates[]> {
    await this.#train();
    const { dimensions } = this.#settings;
    const found: Candidates[] = [];
    for (let start = 0; start < queries.length; start += QUERIES_AT_A_TIME * dimensions)
      found.push(
        ...(await this.#searchSome(queries.slice(start, start + QUERIES_AT_A_TIME * dimensions), depth, rows)),
      );
    return found;
  }

  async save(folder: string): Promise<Record<string, StoredFile>> {
    await this.#train();
    const file = join(folder, FAISS_FILE);
    await this.#library.calls.write(this.#handle, file);
    return { [FAISS_FILE]: await hashed(file) };
  }

  async release(): Promise<void> {
    this.#waiting = [];
    await this.#library.calls.free(this.#handle);
  }

  #mustTrain = (): boolean => this.#settings.factory.leastTraining > 0 && this.#rows === 0;

  /** Trains on what waits, and adds it. */
  async #train(): Promise<void> {
    if (this.#waitingRows === 0) return;
    const { factory, dimensions } = this.#settings;
    if (this.#waitingRows < factory.leastTraining)
      throw new PropriaError(
        "TOO_FEW_VECTORS",
        `${this.#waitingRows} vectors, ${factory.leastTraining} are needed to train`,
        {
          at: `faiss:${factory.text}`,
          mend: "add more, or take a factory with fewer centroids",
        },
      );
    const all = new Float32Array(this.#waitingRows * dimensions);
    let at = 0;
    for (const vectors of this.#waiting) {
      all.set(vectors, at);
      at += vectors.length;
    }
    await this.#library.calls.train(this.#handle, all.subarray(0, factory.mostTraining * dimensions).slice());
    await this.#library.calls.add(this.#handle, all);
    this.#rows = this.#waitingRows;
    this.#waiting = [];
    this.#waitingRows = 0;
  }

  /** Looks further until each query has `depth` live rows, and of an exact kind all that tie with the last; or nothing more is found. */
  async #searchSome(queries: Float32Array, depth: number, rows: Rows): Promise<Candidates[]> {
    const { dimensions, factory } = this.#settings;
    const count = queries.length / dimensions;
    const holes = rows.count - rows.live;
    const wanted = Math.min(depth, rows.live) + (factory.exact ? 1 : 0);
    for (let reach = Math.min(rows.count, wanted + Math.min(holes, depth)); ; reach = Math.min(rows.count, 2 * reach)) {
      const { labels, scores } = await this.#library.calls.search(this.#handle, queries, reach);
      const found = Array.from({ length: count }, (_, i) => {
        const query = labels.subarray(i * reach, (i + 1) * reach);
        const filled = query.indexOf(-1) < 0 ? reach : query.indexOf(-1);
        return { rows: query.subarray(0, filled), scores: scores.subarray(i * reach, i * reach + filled) };
      });
      const enough = (query: Candidates): boolean =>
        query.rows.length < reach || // there is no more
        (factory.exact ? isSettled(query, depth, rows) : liveOf(query, rows) >= Math.min(depth, rows.live));
      if (reach === rows.count || found.every(enough)) return found;
    }
  }
}

const liveOf = (query: Candidates, rows: Rows): number => Array.from(query.rows).filter((row) => rows.has(row)).length;

/** Whether the last that was found is worse than the `depth`-th live one. */
function isSettled(query: Candidates, depth: number, rows: Rows): boolean {
  let live = 0;
  for (let i = 0; i < query.rows.length; i++) {
    if (!rows.has(query.rows[i]!)) continue;
    live++;
    if (live === depth) return query.scores[query.rows.length - 1]! < query.scores[i]!;
  }
  return false;
}
