import * as tf from "@tensorflow/tfjs-core";

/**
 * Registers tfjs' gradients, once for the process. tfjs-core's build for Node leaves them out, and its module that has them is
 * loaded here only when a backend opens, so that importing the engine does nothing. The registry and tfjs' engine are global
 * values, so the copy of tfjs that our build carries along with this module serves whichever copy the program uses.
 */
export async function registerGradients(): Promise<void> {
  if (tf.getGradient("BatchMatMul")) return;
  await import("@tensorflow/tfjs-core/dist/register_all_gradients.js");
}
