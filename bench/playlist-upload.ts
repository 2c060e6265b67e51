import { type LiveList, segmentName } from './live-list.ts'
import { KeptConnection } from './put-client.ts'

const FOLDER = '/live/hls-upload/'
const SEGMENTS_AT_ONCE = 32
/** Longest time that one server may take for one upload, in ms. */
const LIMIT_MS = 60_000

/** One keep-alive connection of an encoder. */
export class Encoder {
  readonly #connection: KeptConnection
  readonly #host: string

  constructor(port: number) {
    this.#connection = new KeptConnection(port)
    this.#host = `127.0.0.1:${port}`
  }

  /** Resolves when the connection stands. */
  async opened(): Promise<this> {
    await this.#connection.opened()
    return this
  }

  /** Uploads a framed body; throws when it is not accepted. */
  async put(name: string, body: Buffer): Promise<void> {
    const lines = [`PUT ${FOLDER}${name} HTTP/1.1`, 'Transfer-Encoding: chunked', 'User-Agent: Lavf/61.7.100']
    const fields = ['Accept: */*', 'Connection: keep-alive', `Host: ${this.#host}`, 'Icy-MetaData: 1']
    const head = Buffer.from(`${[...lines, ...fields].join('\r\n')}\r\n\r\n`, 'latin1')
    const late = setTimeout(() => this.close(), LIMIT_MS)
    const { status } = await this.#connection.put({ head, body })
    clearTimeout(late)
    if (status !== 200 && status !== 201) throw new Error(`${name} was answered ${status === 0 ? 'nothing' : status}.`)
  }

  close(): void {
    this.#connection.close()
  }
}

/** Uploads a stream's segments up to `count`, many at a time, each with a tiny body of its own. */
export async function uploadSegments(port: number, stream: string, count: number): Promise<void> {
  let next = 0
  const worker = async () => {
    const encoder = await new Encoder(port).opened()
    while (next < count) {
      const name = segmentName(stream, next++)
      await encoder.put(name, Buffer.from(`${name.length.toString(16)}\r\n${name}\r\n0\r\n\r\n`, 'latin1'))
    }
    encoder.close()
  }
  await Promise.all(Array.from({ length: SEGMENTS_AT_ONCE }, worker))
}

/** Uploads the next versions of a playlist, one after the other, over one connection. */
export async function uploadVersions(port: number, list: LiveList, versions: number): Promise<void> {
  const encoder = await new Encoder(port).opened()
  for (let version = 0; version < versions; version++) await encoder.put(list.name, list.next())
  encoder.close()
}

/** Throws unless players get the version last uploaded, with all its entries. */
export async function assertServed(port: number, list: LiveList): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/live/streams/${list.name}`)
  const lines = (await response.text()).split('\n')
  const entries = lines.filter((line) => line.startsWith('#EXTINF:')).length
  const hasLast = lines.some((line) => line.endsWith(list.lastSegment))
  if (response.status === 200 && entries === list.entries && hasLast && !lines.includes('#EXT-X-GAP')) return
  const found = `status ${response.status}, ${entries} of ${list.entries} entries${hasLast ? '' : ', not the last one'}`
  throw new Error(`Players do not get the newest version of ${list.name}: ${found}.`)
}
