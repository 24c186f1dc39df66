import * as tf from "@tensorflow/tfjs-core";

/**
 * Runs `work` with the named tfjs backend active, and puts back the one before. tfjs' active backend is a global value, so `work` is
 * synchronous: nothing else can run in between. Tensors made in it are freed.
 */
export function withTfBackend<T>(name: string, work: () => T): T {
  const before = tf.engine().backendName;
  activate(name);
  try {
    let result!: T; // not returned from tidy, which would walk through all of it in search of tensors
    tf.tidy(() => {
      result = work();
    });
    return result;
  } finally {
    if (before) activate(before);
    else if (COMPUTING in tf.engine().registryFactory) activate(COMPUTING);
  }
}

/** What tfjs would have chosen for a program that never chose. */
const COMPUTING = "cpu";

function activate(name: string): void {
  if (tf.engine().backendName === name) return;
  void tf.setBackend(name); // done when it returns: our backends have no asynchronous part, and neither has "cpu"
  if (tf.engine().backendName !== name) throw new Error(`tfjs did not switch to its backend ${name}`);
}
