import { stemmer } from "stemmer";

/** The Porter stem of a lower-cased word. */
export const porterStem = (word: string): string => stemmer(word);
