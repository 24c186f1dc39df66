export { type Circumstances, isPropriaError, PropriaError } from "./errors.ts";
export { philox4x32 } from "./philox.ts";
export { type Random, seeded } from "./random.ts";
