import { describe, expect, it } from "vitest";
import { serial } from "./serial.ts";

describe("serial", () => {
  it("begins a work when the one before has ended, be it with an error, and gives each its own", async () => {
    const inTurn = serial();
    const log: string[] = [];
    const work = (name: string, fails = false) =>
      inTurn(async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const [first, second, third] = await Promise.allSettled([work("first"), work("second", true), work("third")]);
    expect(log).toEqual(["first", "second", "third"].flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect([first, third]).toEqual(["first", "third"].map((value) => ({ status: "fulfilled", value })));
    expect(second).toMatchObject({ status: "rejected", reason: { message: "second" } });
  });
});
