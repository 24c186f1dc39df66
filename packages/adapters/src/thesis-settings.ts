/** The settings of the thesis' tables, by method and printed share of BERT-base's parameters. */

/** One setting. */
export interface ThesisSetting {
  /** `METHOD@PRINTED`, as `namedAdapter` takes it. */
  name: string;
  adapter: string;
  options: Readonly<Record<string, unknown>>;
  /** Where the printed share is not the true one. */
  warning?: string;
}

const at = (adapter: string, printed: string, options: Record<string, unknown>, warning?: string): ThesisSetting => ({
  name: `${adapter}@${printed}%`,
  adapter,
  options,
  ...(warning && { warning }),
});

/** As printed. A test holds the shares that they have, biases left out, and that the others are warned of. */
export const thesisSettings: readonly ThesisSetting[] = [
  at("bitfit", "0.09", {}),
  at("prefix", "0.5", { length: 32 }),
  at("adapter", "0.5", { rank: 16 }),
  at("lora", "0.5", { rank: 16 }),
  at("mam", "0.5", { rank: 16, length: 16 }),
  at("iaa-s", "0.5", { rank: 8, asideRank: 8 }),
  at(
    "iaa-l",
    "0.5",
    { rank: 12, asideRank: 12 },
    "printed as 0.5 % of BERT-base, it is 0.606 %: asideRank 8, or rank 10, would be 0.539 %",
  ),
  at("iaa-m", "0.5", { rank: 15, asideRank: 24 }),
  at("prefix", "3.6", { length: 200 }, "printed as 3.6 % of BERT-base, it is 3.37 %"),
  at("adapter", "6.7", { rank: 200 }),
  at("lora", "6.7", { rank: 200 }),
  at("mam", "6.7", { rank: 200, length: 200 }),
  at("iaa-s", "6.7", { rank: 100, asideRank: 100 }),
  at("iaa-l", "6.7", { rank: 50, asideRank: 300 }),
  at(
    "iaa-m",
    "6.7",
    { rank: 185, asideRank: 960 },
    "printed as 6.7 % of BERT-base, it is 7.58 %: with asideRank 360, of which 960 may be a misprint, it would be 6.734 %",
  ),
];
