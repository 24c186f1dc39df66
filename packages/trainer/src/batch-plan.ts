/** Examples per batch: a number, or as many as make about so many tokens in each bucket (at least one). */
export type BatchSize = number | { readonly tokens: number };

/** The examples that fill no batch after the last epoch: left out, or trained on as one smaller batch. */
export type Remainder = "drop" | "train";
