/** The NAL units of a byte stream (Rec. ITU-T H.264, annex B), each behind its start code; the last one may be cut. */
export function* nalUnits(bytes: Uint8Array): Generator<Uint8Array> {
  let begin = startCodeFrom(bytes, 0)
  while (begin < bytes.length) {
    const next = startCodeFrom(bytes, begin + 3)
    yield bytes.subarray(begin + 3, next)
    begin = next
  }
}

/** Index of the next start code, which is 0, 0, 1; the length where there is none. */
function startCodeFrom(bytes: Uint8Array, from: number): number {
  for (let one = bytes.indexOf(1, from + 2); one >= 0; one = bytes.indexOf(1, one + 1)) {
    if (bytes[one - 1] === 0 && bytes[one - 2] === 0) return one - 2
  }
  return bytes.length
}

/** A NAL unit without the bytes that keep start codes out of it: a 3 behind two zeros. */
export function unescaped(nal: Uint8Array): Uint8Array {
  const out = new Uint8Array(nal.length)
  let length = 0
  let zeros = 0
  for (const byte of nal) {
    const isEscape = zeros >= 2 && byte === 3
    zeros = byte === 0 ? zeros + 1 : 0
    if (!isEscape) out[length++] = byte
  }
  return out.subarray(0, length)
}
