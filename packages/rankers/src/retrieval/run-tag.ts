/** The name of a run: a TREC run has one column for who made it. */
import { type Space, spaceHash } from "@propria/dense-index";

const HASH_CHARACTERS = 8;

/** `propria-` and the first characters of the space's hash: runs of one model, weights and contract have one tag, others another. */
export const runTag = (space: Space): string => `propria-${spaceHash(space).slice(0, HASH_CHARACTERS)}`;
