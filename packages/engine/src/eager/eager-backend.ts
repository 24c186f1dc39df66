import type { Backend } from "../backend.ts";
export async function openEager(): Promise<Backend> {
  throw new Error("not built yet");
}
