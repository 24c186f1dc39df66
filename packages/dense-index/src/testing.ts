import type { DenseIndex } from "./dense-index.ts";

/** The contract of a dense index, as tests. */
export function testDenseIndex(
  _name: string,
  _make: () => Promise<DenseIndex>,
  _options: { exact: boolean; deletes: boolean },
): void {}
