import { createReadStream } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { finished, pipeline } from 'node:stream/promises'

/** How long the receiver may say nothing, or take nothing, in ms. */
const IDLE_MS = 60_000
/** Connections to the receiver at once. */
const MAX_SOCKETS = 32

/** A request to the receiver. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Below its URL, with the leading slash. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** A file that is sent. */
  readonly file?: { readonly path: string; readonly size: number }
  readonly signal?: AbortSignal
}

/** Speaks HTTP with one receiver, where its own setting says that this is, and with nobody else: redirects are not followed. */
export class ReceiverClient {
  readonly #base: URL
  readonly #agent: HttpAgent

  constructor(url: string) {
    this.#base = new URL(url)
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS }
    this.#agent = this.#base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /** Resolves with the head of the answer; its body is to be read, or destroyed. Rejects where there is none, or none in time. */
  send({ method, path, headers, file, signal }: Asked): Promise<IncomingMessage> {
    const options: RequestOptions = {
      ...{ method, agent: this.#agent, timeout: IDLE_MS, path: this.#base.pathname.replace(/\/$/, '') + path },
      headers: { ...headers, ...(method === 'GET' ? {} : { 'content-length': String(file?.size ?? 0) }) },
      ...(signal === undefined ? {} : { signal }),
    }
    return new Promise((resolve, reject) => {
      const send = this.#base.protocol === 'https:' ? httpsRequest : httpRequest
      const request = send(this.#base, options, resolve)
      request.on('error', reject)
      request.on('timeout', () => request.destroy(new Error('the receiver says nothing')))
      if (file === undefined) request.end()
      else pipeline(createReadStream(file.path), request).catch(reject)
    })
  }

  /** The status of an answer whose body does not matter. */
  async status(asked: Asked): Promise<number> {
    const answer = await this.send(asked)
    answer.on('error', () => {})
    // Where a file is refused, the rest of it is not sent; else the connection is used again.
    if (asked.file !== undefined) answer.destroy()
    else await finished(answer.resume())
    return answer.statusCode ?? 0
  }

  close(): void {
    this.#agent.destroy()
  }
}
