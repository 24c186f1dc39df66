import { Instance, Module, type WasmMemory } from "./memory.ts";

/** The functions of a compiled kernel file over one memory. */
export function instantiate<Kernels>(base64: string, memory: WasmMemory): Kernels {
  const module = new Module(Buffer.from(base64, "base64"));
  return new Instance(module, { engine: { memory } }).exports as Kernels;
}
