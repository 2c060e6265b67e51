import { connect, type Socket } from 'node:net'

/** A request as it goes onto the wire. */
export interface WireRequest {
  /** Request line and fields. */
  readonly head: Buffer
  /** The framed body. */
  readonly body: Buffer
}

/** The answer to one request. */
export interface Answer {
  /** HTTP status; 0 when the connection ended without one. */
  readonly status: number
  /** Milliseconds from the first byte written, or the start of connecting, to the status line. */
  readonly ms: number
}

const HOST = '127.0.0.1'
const STATUS_AT = 'HTTP/1.1 '.length
const STATUS_END = STATUS_AT + 3

/** Sends one request on a connection of its own; resolves when the server has closed it. */
export function putOnNewConnection(port: number, request: WireRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const began = performance.now()
    let answer: Answer = { status: 0, ms: 0 }
    const socket = connect({ host: HOST, port, noDelay: true })
    socket.on('connect', () => send(socket, request))
    socket.on('data', (bytes) => {
      if (answer.status === 0) answer = { status: statusOf(bytes), ms: performance.now() - began }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
  })
}

/** One connection that takes request after request. */
export class KeptConnection {
  readonly #socket: Socket
  #head = ''
  #began = 0
  #answer: Answer = { status: 0, ms: 0 }
  #resolve: ((answer: Answer) => void) | undefined

  constructor(port: number) {
    this.#socket = connect({ host: HOST, port, noDelay: true })
    this.#socket.on('data', (bytes) => this.#read(bytes))
    this.#socket.on('error', () => this.#socket.destroy())
    this.#socket.on('close', () => this.#finish())
  }

  /** Resolves when the connection stands. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.once('connect', resolve).once('error', reject))
  }

  put(request: WireRequest): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answer = { status: 0, ms: 0 }
      this.#head = ''
      this.#resolve = resolve
      this.#began = performance.now()
      if (this.#socket.destroyed) this.#finish()
      else send(this.#socket, request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    if (this.#head === '') this.#answer = { status: statusOf(bytes), ms: performance.now() - this.#began }
    this.#head += bytes.toString('latin1')
    // None of the servers answers a PUT with a body, but for a refusal: what would come after it is not read.
    if (this.#answer.status >= 400) this.#socket.destroy()
    if (this.#head.endsWith('\r\n\r\n')) this.#finish()
  }

  #finish(): void {
    const resolve = this.#resolve
    this.#resolve = undefined
    resolve?.(this.#answer)
  }
}

/** The head goes out on its own, as libavformat sends it when it opens the upload. */
function send(socket: Socket, request: WireRequest): void {
  socket.write(request.head)
  socket.write(request.body)
}

function statusOf(bytes: Buffer): number {
  return Number(bytes.toString('latin1', STATUS_AT, STATUS_END)) || 0
}
