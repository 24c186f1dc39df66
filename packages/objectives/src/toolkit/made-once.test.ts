import { describe, expect, it } from "vitest";
import { madeOnce } from "./index.ts";

describe("madeOnce", () => {
  it("makes once for the same preparation and options, and again for others", () => {
    let count = 0;
    const made = madeOnce((_: object, options: { add: number }) => ++count + options.add);
    const [prepared, options] = [{}, { add: 10 }];
    expect([made(prepared, options), made(prepared, options)]).toEqual([11, 11]);
    expect([made(prepared, { add: 20 }), made({}, options), made(prepared, options)]).toEqual([22, 13, 11]);
  });
});
