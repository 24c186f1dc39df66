import { describe } from "vitest";
import { testObjective } from "../testing.ts";
import prop from "./index.ts";

const short = { minCollectionFrequency: 1, shortDocumentTokens: 0 };

describe("prop", () => {
  testObjective(prop, { options: short });
});
