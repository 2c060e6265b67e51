import type { IncomingMessage, ServerResponse } from 'node:http'
import { ReceiverError } from '../core/errors.ts'
import type { RequestBody } from '../http/runtime.ts'

/** Bytes and time that reading on for a refused body may take; then the connection is closed. */
const DISCARD_BYTES = 64 * 1024 * 1024
const DISCARD_MS = 30_000

/**
 * The body of a Node request, read as it comes from the socket. A client that waits for `100 Continue` gets it when the
 * reading begins, so that a refusal comes at header time (libavformat sends its credentials only then).
 */
export class NodeRequestBody implements RequestBody {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #idleMs: number
  #isTaken = false
  #dropped: Promise<void> | undefined

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, idleMs: number) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#idleMs = idleMs
  }

  get declaredBytes(): number | undefined {
    const length = this.#incoming.headers['content-length']
    return length === undefined ? undefined : Number(length)
  }

  read(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> {
    this.#isTaken = true
    if (this.#expectsContinue()) this.#outgoing.writeContinue()
    return readIncoming(this.#incoming, take, this.#idleMs)
  }

  discard(): Promise<void> {
    const incoming = this.#incoming
    if (incoming.readableEnded || incoming.destroyed || incoming.complete) return Promise.resolve()
    if (!this.#isTaken && this.#expectsContinue()) {
      // The body was never invited; closing is the only way to know where the next request begins.
      this.#outgoing.shouldKeepAlive = false
      return Promise.resolve()
    }
    this.#dropped ??= this.#drop()
    return this.#dropped
  }

  async #drop(): Promise<void> {
    // Node would close behind the answer, and reset a client that still sends.
    this.#outgoing.shouldKeepAlive = true
    await dropIncoming(this.#incoming)
    if (!wantsClose(this.#incoming)) return
    const { socket } = this.#incoming
    if (this.#outgoing.writableFinished) socket.destroySoon()
    else this.#outgoing.once('finish', () => socket.destroySoon())
  }

  #expectsContinue(): boolean {
    return this.#incoming.headers.expect?.toLowerCase() === '100-continue'
  }
}

/** Whether a client wants the connection closed behind the answer. */
function wantsClose({ headers, httpVersion }: IncomingMessage): boolean {
  const wish = headers.connection ?? ''
  return httpVersion === '1.0' ? !/keep-alive/i.test(wish) : /close/i.test(wish)
}

/** Reads a request to its end by events: half the cost of an async iterator, and no chunk is copied. */
function readIncoming(
  incoming: IncomingMessage,
  take: (chunk: Uint8Array) => Promise<void> | undefined,
  idleMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let inFlight: Promise<void> | undefined
    let isGone = false
    const finish = (error?: unknown) => {
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone).off('timeout', onStall)
      if (error === undefined) resolve()
      else {
        incoming.on('error', ignore).resume()
        reject(error)
      }
    }
    const onData = (chunk: Uint8Array) => {
      try {
        inFlight = take(chunk)
      } catch (error) {
        finish(error)
        return
      }
      if (inFlight === undefined) return
      incoming.pause()
      inFlight.then(() => {
        inFlight = undefined
        if (!isGone) incoming.resume()
      }, finish)
    }
    // Only the end of the framing proves a body whole; a connection that just ends is a cut.
    const onEnd = () => (incoming.complete ? finish() : onGone())
    const onGone = () => {
      if (!incoming.complete) return finish(new ReceiverError('body-cut'))
      isGone = true
      // All of the body had come before its sender went away: what is still buffered counts.
      incoming.off('data', onData).off('close', onGone).off('error', onGone).on('error', ignore)
      takeBuffered(incoming, inFlight, take).then(() => finish(), finish)
    }
    const onStall = () => finish(new ReceiverError('body-stalled'))
    if (incoming.destroyed) {
      onGone()
      return
    }
    incoming.socket.setTimeout(idleMs)
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone).on('timeout', onStall)
  })
}

async function takeBuffered(
  incoming: IncomingMessage,
  inFlight: Promise<void> | undefined,
  take: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  await inFlight
  for (;;) {
    const chunk = incoming.read() as Uint8Array | null
    if (chunk === null) return
    await take(chunk)
  }
}

function ignore(): void {}

/** Bounds what is read of a body that nobody has read when the answer is out: Node itself would read on for ever. */
export function boundUnread(incoming: IncomingMessage, outgoing: ServerResponse): void {
  // Before Node's own listener, which gives the pieces up uncounted.
  outgoing.prependOnceListener('finish', () => {
    if (!incoming.complete && !incoming.destroyed) void dropIncoming(incoming)
  })
}

const dropping = new WeakMap<IncomingMessage, Promise<void>>()

function dropIncoming(incoming: IncomingMessage): Promise<void> {
  const dropped = dropping.get(incoming) ?? readAway(incoming)
  dropping.set(incoming, dropped)
  return dropped
}

function readAway(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = DISCARD_BYTES
    const timer = setTimeout(() => incoming.destroy(), DISCARD_MS)
    const finish = () => {
      clearTimeout(timer)
      resolve()
    }
    incoming.on('data', (chunk: Uint8Array) => {
      left -= chunk.length
      if (left < 0) incoming.destroy()
    })
    incoming.on('end', finish).on('close', finish).on('error', finish)
    incoming.resume()
  })
}
