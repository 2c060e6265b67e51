import { createHash } from 'node:crypto'
import { Agent, get } from 'node:http'
import type { ServedRange } from './served-playlist.ts'

/** Connections kept to one origin. */
const MAX_CONNECTIONS = 4

/** What an origin answered. */
export interface OriginAnswer {
  readonly status: number
  readonly bytes: Buffer
  /** SHA-256 of the body, lower-case hex. */
  readonly hash: string
  /** When it was whole, in ms since the epoch. */
  readonly at: number
}

/** Reads from an origin as a viewer does, over a few kept connections. */
export class OriginReader {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS })

  /** GETs a URL, or a part of it; rejects when the connection breaks before the whole body. */
  read(url: string, range?: ServedRange): Promise<OriginAnswer> {
    const headers = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: this.#agent, headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks)
          resolve({ status: answer.statusCode ?? 0, bytes, hash: sha256(bytes), at: Date.now() })
        })
      })
      request.on('error', reject)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** SHA-256 of bytes, lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
