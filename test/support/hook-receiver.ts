import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A webhook as it arrived. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** What a receiver does with a request: answers a status, or anything else by hand. */
export type Reaction = number | ((request: IncomingMessage, response: ServerResponse) => void)

/** A real receiver of webhooks on 127.0.0.1, whose answers the test decides. */
export class HookReceiver {
  readonly received: Received[] = []
  react: (received: Received) => Reaction = () => 200
  readonly #server: Server = createServer((request, response) => void this.#take(request, response))
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`
  }

  get port(): number {
    return this.#port
  }

  /** Listens, again on the same port after `close`. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Refuses connections until `open`. */
  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString()
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const received = { method: request.method ?? '', path: request.url ?? '', headers, body }
    this.received.push(received)
    const reaction = this.react(received)
    if (typeof reaction === 'number') response.writeHead(reaction).end()
    else reaction(request, response)
  }
}
