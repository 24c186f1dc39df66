/** float32 rows from the pieces of a file, as many whole ones at a time as a piece completes. Each batch is an array of its own. */
export async function* readRows(pieces: AsyncIterable<Uint8Array>, dimensions: number): AsyncGenerator<Float32Array> {
  const rowBytes = 4 * dimensions;
  let rest = new Uint8Array(0);
  for await (const piece of pieces) {
    const length = rest.length + piece.length;
    const whole = length - (length % rowBytes);
    if (whole === 0) {
      rest = Buffer.concat([rest, piece]);
      continue;
    }
    const bytes = new Uint8Array(whole);
    bytes.set(rest);
    const used = whole - rest.length;
    bytes.set(piece.subarray(0, used), rest.length);
    rest = piece.slice(used);
    yield new Float32Array(bytes.buffer);
  }
}
