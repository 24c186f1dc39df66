import { describe } from "vitest";
import { checkOp, floats } from "../../test/check-op.ts";
import { gelu, plainGelu } from "../index.ts";

describe("gelu", () => {
  checkOp({ x: floats("x", 3, 4, 5) }, { op: ({ x }) => gelu(x!), plain: ({ x }) => plainGelu(x!) });
});
