export { type Collection, type Corpus, openCollection, openCorpus, queriesOf } from "./collection.ts";
export { corpusHash } from "./corpus-hash.ts";
export { type Document, documentText, type Query } from "./document.ts";
export { DocumentStore } from "./document-store.ts";
export { type BeirContents, writeBeir } from "./formats/beir-writer.ts";
export { type QrelsFormat, readQrels, writeQrels } from "./formats/qrels.ts";
export { type QueryRanking, type RunOptions, readRankings, readRun, writeRun } from "./formats/trec-run.ts";
export { type LineBatch, readLines } from "./lines.ts";
