/** What is kept: something compiled that must be released. */
interface Releasable {
  release(): Promise<void>;
}

/** The most recently used values, at most `capacity` of them; others are released. */
export interface SessionCache<T extends Releasable> {
  /** The value under `key`, made if it is not there. */
  get(key: string, make: () => Promise<T>): Promise<T>;
  /** Releases everything. */
  clear(): Promise<void>;
}

/** A cache of compiled programs. Each holds memory of its own, so the oldest goes before a new one is made. */
export function sessionCache<T extends Releasable>(capacity: number): SessionCache<T> {
  const kept = new Map<string, T>(); // in order of last use
  return {
    async get(key, make) {
      let value = kept.get(key);
      if (value) kept.delete(key);
      else {
        for (const [oldest, program] of kept) {
          if (kept.size < capacity) break;
          kept.delete(oldest);
          await program.release();
        }
        value = await make();
      }
      kept.set(key, value);
      return value;
    },
    async clear() {
      const programs = [...kept.values()];
      kept.clear();
      for (const program of programs) await program.release();
    },
  };
}
