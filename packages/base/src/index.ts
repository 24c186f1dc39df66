export { type Circumstances, isPropriaError, PropriaError } from "./errors.ts";
export { type AtomicOptions, writeFileAtomically } from "./files/atomic-file.ts";
export { writeFolderAtomically } from "./files/atomic-folder.ts";
export { surroundingsError } from "./files/surroundings-error.ts";
export { philox4x32 } from "./philox.ts";
export { type Random, seeded } from "./random.ts";
export { serial } from "./serial.ts";
