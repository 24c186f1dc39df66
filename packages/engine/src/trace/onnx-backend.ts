import type { Backend, BackendOptions } from "../backend.ts";
export async function openOnnx(_options: BackendOptions): Promise<Backend> {
  throw new Error("not built yet");
}
