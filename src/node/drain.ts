import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

/** How long connections are taken in at most before the listening socket is closed, in ms. */
const ACCEPT_MS = 1_000
/** How long nobody may have connected then, in ms: who just got an answer on a busy machine needs a while to connect again. */
const QUIET_MS = 200
/** How often connections are looked at while stopping, in ms. */
const LOOK_MS = 25
/**
 * How long a connection must be idle before it is closed while stopping, in ms, and as a part of the time there is: who sends
 * one file after the other is quicker.
 */
const IDLE_MS = 1_000
const IDLE_PART = 1 / 20

/** Requests on one connection that may wait for their answers at once; beyond, it is cut. */
const MAX_PIPELINED = 256

/** A connection: what is still to be answered on it, and when nothing was. */
interface Connection {
  readonly unanswered: Set<ServerResponse>
  newest: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined
  /** Milliseconds since the epoch. */
  idleSince: number
}

/**
 * Knows the connections of a server and what is to be answered on them. It stops the server without cutting a request: a
 * connection that is closed just when its client begins to send is a reset to that client.
 */
export class Drain {
  readonly #connections = new Map<Socket, Connection>()
  #isStopping = false
  /** Requests that wait until nobody can connect any more. */
  #held: (() => void)[] | undefined
  #accepted = 0

  /** A listener that hands requests on to `next`. */
  listener(next: RequestListener): RequestListener {
    return (request, response) => {
      if (!this.#note(request, response)) return
      if (this.#held === undefined) next(request, response)
      else this.#held.push(() => next(request, response))
    }
  }

  /** Takes note of the connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#accepted++
      const unanswered = new Set<ServerResponse>()
      this.#connections.set(socket, { unanswered, newest: undefined, idleSince: Date.now() })
      socket.once('close', () => {
        this.#connections.delete(socket)
        for (const response of unanswered) endQueued(response)
      })
    })
  }

  /**
   * Stops listening, answers what still comes on open connections as their last, and closes those that are idle. Cuts what is
   * left after `ms`.
   */
  async stop(server: Server, ms: number): Promise<void> {
    this.#isStopping = true
    this.#held = []
    await this.#untilNobodyWaits()
    const closed = new Promise<void>((resolve) => {
      // The one of http would close every idle connection at once.
      NetServer.prototype.close.call(server, () => resolve())
    })
    for (const go of this.#held.splice(0)) go()
    this.#held = undefined
    // After a poll: what came while the loop was busy is no idle connection's.
    const look = () => setImmediate(() => this.#closeIdle(Date.now() - Math.min(IDLE_MS, ms * IDLE_PART)))
    const looking = setInterval(look, LOOK_MS)
    const last = setTimeout(() => server.closeAllConnections(), ms)
    await closed
    clearInterval(looking)
    clearTimeout(last)
    // Of http again: it ends the timers of the server.
    server.close()
  }

  /**
   * Resolves right after a look at the listening socket that found nobody, as at all looks for QUIET_MS: who has connected, and
   * is not accepted when it is closed, is reset. Clients that wait for an answer before they connect again wait meanwhile.
   */
  async #untilNobodyWaits(): Promise<void> {
    const end = Date.now() + ACCEPT_MS
    let quietSince = Date.now()
    do {
      const before = this.#accepted
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#accepted > before) quietSince = Date.now()
    } while (Date.now() - quietSince < QUIET_MS && Date.now() < end)
  }

  /** False for a request too many. */
  #note(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined) return true
    const { unanswered } = connection
    if (unanswered.size >= MAX_PIPELINED) {
      request.socket.destroy()
      return false
    }
    const newest = connection.newest?.response
    // What comes while the one before is answered was sent without waiting: closing behind that answer would lose it.
    if (newest?.headersSent === false) newest.shouldKeepAlive = true
    if (this.#isStopping) response.shouldKeepAlive = false
    connection.newest = { request, response }
    unanswered.add(response)
    response.once('close', () => {
      unanswered.delete(response)
      connection.idleSince = Date.now()
    })
    return true
  }

  /** Closes what was idle since a moment, or longer. */
  #closeIdle(since: number): void {
    for (const [socket, connection] of this.#connections) {
      const { unanswered, newest, idleSince } = connection
      // A refused body is read to its end behind the answer.
      if (newest?.request.complete === false) connection.idleSince = Date.now()
      else if (unanswered.size === 0 && idleSince <= since) socket.destroy()
    }
  }
}

/** Node tells only the answer whose turn it is that the connection is gone; those behind would keep their files open. */
function endQueued(response: ServerResponse): void {
  if (response.socket !== null || response.writableFinished) return
  response.destroy()
  response.emit('close')
}
