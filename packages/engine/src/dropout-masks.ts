import { seeded } from "@propria/base";
import { sizeOf } from "./arrays.ts";
import type { DropoutSite, MaskSource } from "./backend.ts";
import dropoutKernels from "./wasm/dropout.wasm.ts";
import { instantiate } from "./wasm/instantiate.ts";
import { Memory, MOST_PAGES, PAGE_BYTES, type WasmMemory } from "./wasm/memory.ts";

/** The masks of a training; each is a function of seed, step, chunk and site alone. */
export interface DropoutMasks {
  /** The masks of one step, or of one chunk of it. Arrays it returns are valid until the next call for any step. */
  at(step: number, chunk?: number): MaskSource;
}

interface Kernels {
  fill(at: number, length: number, key0: number, key1: number, threshold: number, kept: number): void;
}

/**
 * Dropout masks of 0 and 1 / (1 − rate), made by a counter-based generator in WebAssembly: the same bits on every backend, and the
 * same after a resume. A rate is met to 1/65536, and the scale is the exact inverse of the rate that is met.
 */
export function dropoutMasks(seed: number): DropoutMasks {
  let memory: WasmMemory = new Memory({ initial: 1, maximum: 1 });
  let kernels = instantiate<Kernels>(dropoutKernels, memory);
  const reserve = (bytes: number): void => {
    if (memory.buffer.byteLength >= bytes) return;
    const pages = Math.min(MOST_PAGES, Math.ceil((bytes * GROWTH) / PAGE_BYTES));
    memory = new Memory({ initial: pages, maximum: pages });
    kernels = instantiate<Kernels>(dropoutKernels, memory);
  };
  return {
    at: (step, chunk) => (first, sites) => {
      const starts: number[] = [];
      let bytes = 0;
      for (const { shape } of sites) {
        starts.push(bytes);
        bytes += padded(sizeOf(shape)) * 4;
      }
      reserve(bytes);
      return sites.map((site, i) => {
        const size = sizeOf(site.shape);
        const threshold = thresholdOf(site);
        const where = chunk === undefined ? [step, first + i] : [step, first + i, chunk];
        const random = seeded(seed, "dropout", ...where);
        const [key0, key1] = [random.int(2 ** 32) | 0, random.int(2 ** 32) | 0];
        kernels.fill(starts[i]! | 0, padded(size), key0, key1, threshold, STEPS / (STEPS - threshold));
        return new Float32Array(memory.buffer, starts[i], size);
      });
    },
  };
}

const GROWTH = 1.25; // room for somewhat longer batches, so that memory is not made anew at each
const STEPS = 65536; // an element is decided by 16 bits
const ALIGNED_FLOATS = 16; // the kernel writes 8 at a time; 64 bytes are a cache line

const padded = (size: number): number => Math.ceil(size / ALIGNED_FLOATS) * ALIGNED_FLOATS;

function thresholdOf({ rate }: DropoutSite): number {
  if (!(rate > 0 && rate < 1)) throw new Error(`dropout rate ${rate} is not in (0, 1)`);
  return Math.min(STEPS - 1, Math.round(rate * STEPS));
}
