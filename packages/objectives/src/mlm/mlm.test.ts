import { describe } from "vitest";
import { testObjective } from "../testing.ts";
import mlm from "./index.ts";

describe("mlm", () => {
  testObjective(mlm);
});

describe("mlm over whole words and all windows", () => {
  testObjective(mlm, { options: { wholeWords: true, windows: "all" }, maxTokens: 32 });
});
