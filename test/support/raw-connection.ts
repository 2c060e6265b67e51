import { connect, type Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /
const CONTENT_LENGTH = /^content-length: (\d+)/im

/** How a body is left unfinished; `without-last-chunk` sends every byte, but not the zero chunk. */
export type Cut = 'destroy' | 'reset' | 'without-last-chunk' | 'inside-chunk' | 'short-of-length'

/** A bare TCP connection to a receiver that sends uploads one after another, as encoders do. */
export class RawConnection {
  readonly #socket: Socket
  readonly #answers: ((status: number | undefined) => void)[] = []
  #received = ''
  /** Resolves when both sides have closed. */
  readonly closed: Promise<void>

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#take(text))
    this.#socket.on('error', () => this.#socket.destroy())
    this.closed = new Promise((resolve) => this.#socket.on('close', resolve))
    void this.closed.then(() => {
      for (const answer of this.#answers.splice(0)) answer(undefined)
    })
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /**
   * PUTs a body given in pieces, in chunks unless its length is told. Resolves with the status, or undefined when the
   * connection ended before an answer.
   */
  async put(
    target: string,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    length?: number,
  ): Promise<number | undefined> {
    const status = new Promise<number | undefined>((resolve) => this.#answers.push(resolve))
    this.#head(target, length)
    for await (const piece of pieces) if (!(await this.#piece(piece, length === undefined))) break
    if (length === undefined && this.isOpen) this.#socket.write('0\r\n\r\n')
    return status
  }

  /**
   * PUTs a part of a body and breaks off. Resolves when the connection is closed, with the status if one came all the
   * same.
   */
  async cut(target: string, body: Uint8Array, how: Cut): Promise<number | undefined> {
    const status = new Promise<number | undefined>((resolve) => this.#answers.push(resolve))
    const isChunked = how !== 'inside-chunk' && how !== 'short-of-length'
    this.#head(target, how === 'short-of-length' ? body.length : undefined)
    if (how === 'inside-chunk') this.#socket.write(`${body.length.toString(16)}\r\n`)
    const sent = how === 'without-last-chunk' ? body : body.subarray(0, Math.ceil(body.length / 2))
    await this.#piece(sent, isChunked)
    await this.#flushed()
    if (how === 'destroy') this.#socket.destroy()
    else if (how === 'reset') this.#socket.resetAndDestroy()
    else this.#socket.end()
    await this.closed
    return status
  }

  /** Closes as soon as everything is sent; resolves when the connection is closed. */
  async end(): Promise<void> {
    this.#socket.end()
    await this.closed
  }

  #head(target: string, length: number | undefined): void {
    const framing = length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
    this.#socket.write(
      `PUT ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Lavf/61.7.100\r\n${framing}${HEAD_END}`,
    )
  }

  /** False when the connection is gone. */
  async #piece(piece: Uint8Array, isChunked: boolean): Promise<boolean> {
    if (!this.isOpen) return false
    this.#socket.cork()
    if (isChunked) this.#socket.write(`${piece.length.toString(16)}\r\n`)
    let hasRoom = this.#socket.write(piece)
    if (isChunked) hasRoom = this.#socket.write('\r\n')
    this.#socket.uncork()
    if (hasRoom || !this.isOpen) return this.isOpen
    const drained = new Promise<void>((resolve) => this.#socket.once('drain', resolve))
    await Promise.race([drained, this.closed])
    return this.isOpen
  }

  /** Resolves when the kernel has everything that was written, or the connection is gone. */
  async #flushed(): Promise<void> {
    const written = new Promise<void>((resolve) => this.#socket.write('', () => resolve()))
    await Promise.race([written, this.closed])
  }

  #take(text: string): void {
    this.#received += text
    for (;;) {
      const headEnd = this.#received.indexOf(HEAD_END)
      if (headEnd < 0) return
      const head = this.#received.slice(0, headEnd)
      const end = headEnd + HEAD_END.length + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0)
      if (this.#received.length < end) return
      this.#received = this.#received.slice(end)
      const status = Number(STATUS_LINE.exec(head)?.[1])
      if (status >= 200) this.#answers.shift()?.(status)
    }
  }
}
