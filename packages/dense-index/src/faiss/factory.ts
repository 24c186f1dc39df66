import { PropriaError } from "@propria/base";

/** What a factory string says. */
export interface Factory {
  /** As faiss reads it. */
  text: string;
  /** Finds the best, not about the best. */
  exact: boolean;
  /** Of HNSW: links of a node. */
  links?: number;
  /** Of IVF: lists. */
  lists?: number;
  /** Vectors without which there is no training; 0 where nothing is trained. */
  leastTraining: number;
  /** Vectors beyond which training gains nothing: faiss takes 256 for each centroid. */
  mostTraining: number;
}

/**
 * The forms that can be used: `n` links of a node or lists, `m` parts of a vector, `b` bits for each (8 if left out). PQ is trained
 * without polysemous codes (faiss' `np`): only a search that faiss-node has not uses them, and their annealing takes most of the time.
 */
export const factoryForms = ["Flat", "SQ8", "PQm[xb]", "HNSWn", "IVFn,Flat", "IVFn,SQ8", "IVFn,PQm[xb]"] as const;

const FORM = /^(?:HNSW(\d+)|(?:IVF(\d+),)?(?:(Flat)|(SQ8)|PQ(\d+)(?:x(\d+))?(?:np)?))$/;
const POINTS_OF_CENTROID = 256;
/** Vectors from which SQ8 learns the range of each number. */
const POINTS_OF_RANGES = 65_536;

/**
 * Reads a factory string.
 *
 * @throws {PropriaError} `FAISS_FACTORY` for another form, and for parts that the dimensions cannot be divided into.
 */
export function parseFactory(text: string, dimensions: number): Factory {
  const refuse = (what: string, mend = `one of: ${factoryForms.join(", ")}`) =>
    new PropriaError("FAISS_FACTORY", what, { at: `faiss:${text}`, mend });
  const match = FORM.exec(text);
  if (!match) throw refuse("no factory that can be used here");
  const [links, lists, parts, bits] = [match[1], match[2], match[5], match[6]].map((each) =>
    each ? Number(each) : undefined,
  );
  if (links !== undefined && (links < 2 || links > 512)) throw refuse(`${links} links`, "from 2 to 512");
  if (lists !== undefined && lists < 1) throw refuse("no list", "1 or more");
  if (parts !== undefined && (parts < 1 || dimensions % parts !== 0))
    throw refuse(`${dimensions} dimensions cannot be divided into ${parts} parts`, "give a divisor");
  if (bits !== undefined && (bits < 4 || bits > 12)) throw refuse(`${bits} bits`, "from 4 to 12; 8 is usual");
  const centroids = Math.max(lists ?? 0, parts ? 2 ** (bits ?? 8) : 0);
  const ranges = match[4] !== undefined;
  return {
    text: parts !== undefined && !text.endsWith("np") ? `${text}np` : text,
    exact: text === "Flat",
    ...(links === undefined ? {} : { links }),
    ...(lists === undefined ? {} : { lists }),
    leastTraining: Math.max(centroids, ranges ? 1 : 0),
    mostTraining: Math.max(centroids * POINTS_OF_CENTROID, ranges ? POINTS_OF_RANGES : 0),
  };
}
