import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { JobError } from '../core/jobs/job.ts'
import type { InputPart } from '../core/making/order.ts'
import type { InputBytes } from './input-bytes.ts'
import { asReadError } from './read-error.ts'

/** The demuxers that parts are read by: none of them opens anything else, as those of playlists do. */
const FORMATS = 'mpegts,mov,aac,mp3,ac3,eac3'
/** What ffmpeg reads: this server's list, and by it the parts; nothing by another protocol, or in another format. */
export const INPUT_OPTIONS: readonly string[] = [
  ...['-protocol_whitelist', 'http,tcp', '-format_whitelist', `concat,${FORMATS}`],
  ...['-safe', '0', '-f', 'concat'],
]
const LIST = 'list.ffconcat'
/** Stands behind the last part, and is not there: who asks for it has come to the end of all parts. */
const END = 'end'
const TOKEN_BYTES = 16
/** Chunks of a part that wait for ffmpeg to read them. */
const WAITING_CHUNKS = 2

/** A part, and how long it plays, in s, where ffmpeg must be told. */
export interface ServedPart extends InputPart {
  readonly plays: number | undefined
}

/**
 * Serves the parts of one job to ffmpeg, on this machine alone and under a path nobody can guess. It knows what ffmpeg keeps to
 * itself: whether all of them could be read, and were read to their ends.
 */
export class InputServer {
  readonly #parts: readonly ServedPart[]
  readonly #bytes: InputBytes
  readonly #token = randomBytes(TOKEN_BYTES).toString('hex')
  readonly #server: Server
  #failure: JobError | undefined
  /** How many parts were read to their ends, one after the other. */
  #readParts = 0
  #isEnd = false

  constructor(parts: readonly ServedPart[], bytes: InputBytes) {
    this.#parts = parts
    this.#bytes = bytes
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((cause: unknown) => {
        this.#failure ??= asReadError(cause)
        response.destroy()
      })
    })
  }

  /** Begins, and resolves with the address of the list. */
  async begin(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return `http://127.0.0.1:${port}/${this.#token}/${LIST}`
  }

  /** Why a part could not be read; undefined: none was. */
  get failure(): JobError | undefined {
    return this.#failure
  }

  /** Whether each part was opened and read to its end: ffmpeg ends well also where one was not. */
  get isReadToEnd(): boolean {
    return this.#isEnd && this.#readParts === this.#parts.length
  }

  /** Ends, with all that is read of it. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    // Read from the beginning to the end, so that ffmpeg takes no duration from how much there is.
    const headers = { 'accept-ranges': 'none', connection: 'close' }
    const name = method === 'GET' ? this.#nameOf(url ?? '') : undefined
    if (name === LIST) response.writeHead(200, headers).end(concatList(this.#parts))
    else if (name === END) {
      this.#isEnd = true
      response.writeHead(404, headers).end()
    } else {
      const number = this.#parts.findIndex((_, index) => partName(index) === name)
      const part = this.#parts[number]
      if (part === undefined) response.writeHead(404, headers).end()
      else await this.#send(part, number, response.writeHead(200, headers))
    }
  }

  async #send(part: ServedPart, number: number, response: ServerResponse): Promise<void> {
    const body = Readable.from(this.#noted(part), { objectMode: true, highWaterMark: WAITING_CHUNKS })
    try {
      await pipeline(body, response)
    } catch {
      // What was wrong with the reading is noted; that ffmpeg wants no more of it is its own affair.
      return
    }
    if (number === this.#readParts) this.#readParts++
  }

  async *#noted(part: ServedPart): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#bytes.part(part)
    } catch (cause) {
      this.#failure ??= asReadError(cause)
      throw cause
    }
  }

  #nameOf(url: string): string | undefined {
    const prefix = `/${this.#token}/`
    return url.startsWith(prefix) ? url.slice(prefix.length) : undefined
  }
}

function partName(index: number): string {
  return `part-${index}`
}

/**
 * The list for ffmpeg's concat demuxer; nothing in it is any other's text. What it opens may be no list again, which the whitelist of
 * the command line, where the list itself stands, could not tell.
 */
function concatList(parts: readonly ServedPart[]): string {
  const entries = parts.map(({ plays }, index) => [
    `file '${partName(index)}'`,
    `option format_whitelist ${FORMATS}`,
    ...(plays === undefined ? [] : [`duration ${plays.toFixed(6)}`]),
  ])
  return [['ffconcat version 1.0'], ...entries, [`file '${END}'`], ['']].map((lines) => lines.join('\n')).join('\n')
}
