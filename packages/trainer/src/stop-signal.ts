/** An abort signal as a promise that can be waited for beside others, and given up. */
export interface StopSignal {
  readonly stopped: boolean;
  /** Resolves once the signal aborts; never, without one. */
  wait: Promise<void>;
  /** Stops listening. */
  forget(): void;
}

/** Listens to `signal`, which may have aborted already. */
export function stopSignal(signal: AbortSignal | undefined): StopSignal {
  let wake = (): void => undefined;
  const wait = new Promise<void>((resolve) => {
    wake = resolve;
  });
  if (signal?.aborted) wake();
  signal?.addEventListener("abort", wake, { once: true });
  return {
    get stopped() {
      return signal?.aborted ?? false;
    },
    wait,
    forget: () => signal?.removeEventListener("abort", wake),
  };
}
