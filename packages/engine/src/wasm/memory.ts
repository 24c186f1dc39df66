/**
 * The few names of the WebAssembly API that the engine uses. They are declared here because neither the ES2023 library of
 * TypeScript nor the types of Node 20 have them.
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { exports: unknown };
}

/** WebAssembly of the running engine. */
export const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** Bytes of a page, the unit of a memory's size. */
export const PAGE_BYTES = 65536;

/** 4 GB, the most that 32-bit addresses reach. */
export const MOST_PAGES = 65536;
