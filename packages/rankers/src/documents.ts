/** Documents by their id, as re-ranking and fine-tuning ask for them. */
import type { Document, DocumentStore } from "@propria/collection";

/** Looks documents up by id. A `Map` from ids to documents is one. */
export interface Documents {
  has(documentId: string): boolean;
  get(documentId: string): Document | undefined;
}

/** The documents of a store, each read from the disk when asked for. */
export function storedDocuments(store: DocumentStore): Documents {
  return {
    has: (id) => store.indexOf(id) !== undefined,
    get(id) {
      const index = store.indexOf(id);
      return index === undefined ? undefined : store.at(index);
    },
  };
}
