import { describe, expect, it } from "vitest";
import { sessionCache } from "./session-cache.ts";

describe("sessionCache", () => {
  const log: string[] = [];
  const make = (name: string) => async () => {
    log.push(`make ${name}`);
    return {
      release: async () => {
        log.push(`release ${name}`);
      },
    };
  };

  it("keeps the most recently used and releases the others before it makes a new one", async () => {
    const cache = sessionCache(2);
    for (const name of ["a", "b", "a", "c", "a", "b"]) await cache.get(name, make(name));
    await cache.clear();
    expect(log).toEqual(["make a", "make b", "release b", "make c", "release c", "make b", "release a", "release b"]);
  });
});
