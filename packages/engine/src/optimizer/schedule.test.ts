import { describe, expect, it } from "vitest";
import { linearSchedule } from "../index.ts";

describe("linearSchedule", () => {
  const rates = (warmupSteps: number, totalSteps: number) =>
    Array.from({ length: totalSteps }, (_, i) => linearSchedule(i + 1, { peak: 12, warmupSteps, totalSteps }));

  it("rises to the peak at the last warm-up step and falls evenly from there, never to 0", () => {
    expect(rates(2, 5)).toEqual([6, 12, 9, 6, 3]);
  });

  it("starts at the peak without warm-up", () => {
    expect(rates(0, 4)).toEqual([12, 9, 6, 3]);
  });

  it("only rises when the warm-up is the whole training", () => {
    expect(rates(3, 3)).toEqual([4, 8, 12]);
  });

  it("is 0 after the end", () => {
    expect(linearSchedule(9, { peak: 1, warmupSteps: 0, totalSteps: 4 })).toBe(0);
  });
});
