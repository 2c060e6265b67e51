import { Agent, get } from 'node:http'
import { sha256 } from './tree.ts'

/** What came back to a GET. */
export interface ReadAnswer {
  readonly status: number
  readonly bytes: Buffer
  /** SHA-256 of the body, lower-case hex. */
  readonly hash: string
}

/** Reads files of one server over a few kept connections. */
export class HttpReader {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #agent: Agent

  constructor(url: string, connections = 8, headers: Record<string, string> = {}) {
    this.#url = url
    this.#headers = headers
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** GETs a path; rejects when the connection breaks before the whole body. */
  read(path: string): Promise<ReadAnswer> {
    return new Promise((resolve, reject) => {
      const request = get(`${this.#url}${path}`, { agent: this.#agent, headers: this.#headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks)
          resolve({ status: answer.statusCode ?? 0, bytes, hash: sha256(bytes) })
        })
      })
      request.on('error', reject)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
