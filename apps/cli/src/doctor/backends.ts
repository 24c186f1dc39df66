/** Whether a tensor backend loads, computes what it should, and how fast. */
import {
  type BackendName,
  forwardPass,
  frozenWeights,
  linear,
  type NdArray,
  openBackend,
  scope,
} from "@propria/engine";

/** What came of trying a backend. */
export type BackendCheck =
  | { name: BackendName; works: true; threads: number; gigaflops: number }
  | { name: BackendName; works: false; why: string };

const WIDTH = 512;
const ROWS = { onnx: 2048, cpu: 32 }; // cpu is a hundred times slower
const EXPECTED = 2 * WIDTH + 1; // of ones times twos plus one
const TOLERANCE = 1e-3;

/** Runs one linear map on the backend, twice: the first run compiles. */
export async function checkBackend(name: BackendName, clock: () => number): Promise<BackendCheck> {
  try {
    const backend = await openBackend(name);
    const rows = ROWS[name];
    const pass = forwardPass<{ x: NdArray<[number, number]> }>({
      backend,
      store: frozenWeights({
        "check.weight": { shape: [WIDTH, WIDTH], data: new Float32Array(WIDTH * WIDTH).fill(2) },
        "check.bias": { shape: [WIDTH], data: new Float32Array(WIDTH).fill(1) },
      }),
      run: (parameters, { x }) => ({ y: linear(scope(parameters, "check"), x) }),
    });
    const shape: [number, number] = [rows, WIDTH];
    const batch = { x: { data: new Float32Array(rows * WIDTH).fill(1), shape } };
    await pass.run(batch);
    const started = clock();
    const { y } = await pass.run(batch);
    const seconds = (clock() - started) / 1000;
    await pass.release();
    const wrong = y!.data.find((value) => Math.abs(value - EXPECTED) > TOLERANCE);
    if (wrong !== undefined) return { name, works: false, why: `computes ${wrong} where ${EXPECTED} is right` };
    return { name, works: true, threads: backend.threads, gigaflops: (2 * rows * WIDTH * WIDTH) / seconds / 1e9 };
  } catch (error) {
    return { name, works: false, why: (error as Error).message };
  }
}
