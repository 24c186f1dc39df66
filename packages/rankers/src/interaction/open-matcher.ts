/** The model that a config names. */
import type { HostParameter } from "@propria/transformer-core";
import type { InteractionConfig } from "./config.ts";
import { drmm } from "./drmm.ts";
import { convKnrm, knrm } from "./knrm.ts";
import type { Matcher } from "./matcher.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** @param table The word vectors `[words + 1, dimensions]`. */
export function matcherOf(config: InteractionConfig, vocabulary: Vocabulary, table: HostParameter): Matcher {
  switch (config.model) {
    case "drmm":
      return drmm(config, vocabulary, table) as Matcher;
    case "knrm":
      return knrm(config, vocabulary) as Matcher;
    case "conv-knrm":
      return convKnrm(config, vocabulary) as Matcher;
  }
}
