import { PropriaError } from "@propria/base";
import { expectIds } from "./expect-ids.ts";

/** The most entries that a Map takes. */
const MOST_DOCUMENTS = 2 ** 24;

/** Which document has which row of the vectors. A row without a document is a hole, which another document may fill where rows are reused. */
export class DocumentTable {
  /** By row; undefined for a hole. */
  readonly ids: (string | undefined)[] = [];
  readonly #rows = new Map<string, number>();
  readonly #holes: number[] = [];
  readonly #reuse: boolean;

  constructor({ reuse, ids = [] }: { reuse: boolean; ids?: readonly (string | undefined)[] }) {
    this.#reuse = reuse;
    for (const [row, id] of ids.entries()) {
      this.ids.push(id);
      if (id === undefined) this.#holes.push(row);
      else this.#rows.set(id, row);
    }
  }

  /** Documents. */
  get size(): number {
    return this.#rows.size;
  }

  /** Rows, holes included. */
  get rowCount(): number {
    return this.ids.length;
  }

  has = (row: number): boolean => this.ids[row] !== undefined;

  hasDocument(id: string): boolean {
    return this.#rows.has(id);
  }

  /** @throws {PropriaError} `ID_SPACE`; `DUPLICATE_ID` when one is there, or comes twice. */
  refuseKnown(ids: readonly string[]): void {
    expectIds(ids);
    const fresh = new Set<string>();
    for (const id of ids) {
      if (this.#rows.has(id) || fresh.has(id))
        throw new PropriaError("DUPLICATE_ID", `the id ${JSON.stringify(id)} is in the index already`, {
          mend: "delete it first, or leave it out",
        });
      fresh.add(id);
    }
    if (this.#rows.size + ids.length > MOST_DOCUMENTS)
      throw new PropriaError("TOO_LARGE", `more than ${MOST_DOCUMENTS} documents`, { mend: "make several indexes" });
  }

  /** The rows that new documents will have: holes first where rows are reused, then new ones. Nothing changes. */
  rowsFor(count: number): number[] {
    const reused = this.#reuse ? this.#holes.slice(Math.max(0, this.#holes.length - count)) : [];
    return [...reused, ...Array.from({ length: count - reused.length }, (_, i) => this.ids.length + i)];
  }

  /** Gives documents the rows that {@link rowsFor} has just named. */
  assign(ids: readonly string[], rows: readonly number[]): void {
    const before = this.ids.length;
    for (const [i, id] of ids.entries()) {
      const row = rows[i]!;
      if (row < before) this.#holes.pop();
      this.ids[row] = id;
      this.#rows.set(id, row);
    }
  }

  /** The rows of those of the documents that are here. */
  find(ids: readonly string[]): number[] {
    return [...new Set(ids)].flatMap((id) => this.#rows.get(id) ?? []);
  }

  /** Makes holes. */
  remove(rows: readonly number[]): void {
    for (const row of rows) {
      this.#rows.delete(this.ids[row]!);
      this.ids[row] = undefined;
      this.#holes.push(row);
    }
  }
}
