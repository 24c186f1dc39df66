export { SPECIAL_TOKENS, type TokenizerDefinition } from "./definition.ts";
export type { TextOptions } from "./text-options.ts";
export { type Encoding, Tokenizer } from "./tokenizer.ts";
export { type TrainingProgress, type TrainOptions, trainVocabulary } from "./train/train-vocabulary.ts";
export { type Analyzer, type AnalyzerOptions, analyzer } from "./words/analyzer.ts";
export { detached } from "./words/detached.ts";
export { englishWords } from "./words/english-words.ts";
export { porterStem } from "./words/porter-stem.ts";
export { readStopWords, type StopWordListName, stopWordList } from "./words/stop-words.ts";
