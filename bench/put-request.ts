const CHUNK_BYTES = 32 * 1024
const COUNTER_DIGITS = 9
const COUNTER_PLACE = '0'.repeat(COUNTER_DIGITS)

/** A PUT as libavformat sends it, built once; only the counter in its name and in its body changes. */
export class PutRequest {
  /** Request line and fields. */
  readonly head: Buffer
  /** The body in chunked framing, with its end. */
  readonly body: Buffer
  readonly #nameAt: number
  readonly #bodyAt: number

  constructor(folder: string, host: string, close: boolean, bytes: number) {
    const lines = [
      `PUT ${folder}stream1${COUNTER_PLACE}.ts HTTP/1.1`,
      'Transfer-Encoding: chunked',
      'User-Agent: Lavf/61.7.100',
      'Accept: */*',
      `Connection: ${close ? 'close' : 'keep-alive'}`,
      `Host: ${host}`,
      'Icy-MetaData: 1',
    ]
    this.head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    this.body = chunked(bytes)
    this.#nameAt = this.head.indexOf(COUNTER_PLACE)
    this.#bodyAt = this.body.indexOf('\r\n') + 2
  }

  /** Makes name and body those of the request with this number; the one before must have left the socket. */
  stamp(number: number): void {
    const digits = String(number).padStart(COUNTER_DIGITS, '0')
    this.head.write(digits, this.#nameAt, 'latin1')
    this.body.write(digits, this.#bodyAt, 'latin1')
  }
}

function chunked(bytes: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const size = Math.min(CHUNK_BYTES, bytes - at)
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), filler(size, at), Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** Bytes without a pattern, the same in every run. */
function filler(size: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let state = seed + 1
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}
