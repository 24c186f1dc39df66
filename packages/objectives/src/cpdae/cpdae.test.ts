import { describe } from "vitest";
import { testObjective } from "../testing.ts";
import objective from "./index.ts";

describe("cpdae", () => {
  testObjective(objective);
});
