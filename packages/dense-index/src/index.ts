/** Nearest vectors. */
export {};
