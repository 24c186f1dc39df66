export { type Method, type WordVectorOptions, wordVectorOptions } from "./options.ts";
export { readWordVectors } from "./read-word-vectors.ts";
export { type TrainingProgress, type TrainOptions, trainWordVectors } from "./train-word-vectors.ts";
export { cosine, type WordVectors, wordIndex } from "./word-vectors.ts";
export { writeWordVectors } from "./write-word-vectors.ts";
