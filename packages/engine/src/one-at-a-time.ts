/** Refuses a work while one of the same guard is running: the gradients of two steps would share the store. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = false;
  return async (work) => {
    if (running) throw new Error("a step is running: await it before the next");
    running = true;
    try {
      return await work();
    } finally {
      running = false;
    }
  };
}
