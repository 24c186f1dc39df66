/** A vector as bytes and one scale: each number is off by at most half a scale, 1/254 of the largest. */

/** The largest code. */
const MOST = 127;

/** Writes the codes of a vector. @returns The scale: a code times it is the number. */
export function encodeInt8(vector: Float32Array, codes: Int8Array): number {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]!));
  const scale = Math.fround(largest / MOST);
  for (let i = 0; i < vector.length; i++)
    codes[i] = scale === 0 ? 0 : Math.max(-MOST, Math.min(MOST, Math.round(vector[i]! / scale)));
  return scale;
}

/** The vectors of codes, a scale for each row. */
export function decodeInt8(codes: Int8Array, scales: Float32Array, vectors: Float32Array): void {
  const dimensions = codes.length / scales.length;
  for (let row = 0, at = 0; row < scales.length; row++) {
    const scale = scales[row]!;
    for (const end = at + dimensions; at < end; at++) vectors[at] = codes[at]! * scale;
  }
}
