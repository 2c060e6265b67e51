import { expect } from 'vitest'
import { readServed, type ServedPlaylist, type TestReceiver } from '../../../src/testing/index.ts'
import { CUT_SECONDS, type CutStream } from '../../support/cut-stream.ts'

/** Entries of the live list. */
export const WINDOW = 5
/** The name of its playlist. */
export const LIST = 'cam.m3u8'

/** Pushes a stream as an encoder does, one upload at a time, in whatever order a test wants. */
export class HandEncoder {
  readonly #receiver: TestReceiver
  readonly #stream: CutStream

  constructor(receiver: TestReceiver, stream: CutStream) {
    this.#receiver = receiver
    this.#stream = stream
  }

  /** Where players read the live playlist; and the recording. */
  get liveUrl(): string {
    return this.#served(LIST)
  }
  get vodUrl(): string {
    return `${this.liveUrl}?playlist=vod`
  }

  /** Uploads the init section, if there is one. */
  async begin(): Promise<void> {
    if (this.#stream.init !== undefined) await this.#put(this.#stream.init, this.#stream.bytes(this.#stream.init))
  }

  /** Uploads a segment. */
  async segment(index: number): Promise<void> {
    const name = this.#stream.segments[index] ?? ''
    await this.#put(name, this.#stream.bytes(name))
  }

  /** Uploads the list whose last entry is `last`; with its end when that is the last of the stream. */
  async list(last: number): Promise<void> {
    const { init, segments } = this.#stream
    const first = Math.max(0, last + 1 - WINDOW)
    const lines = [
      '#EXTM3U',
      `#EXT-X-VERSION:${init === undefined ? 3 : 7}`,
      `#EXT-X-TARGETDURATION:${CUT_SECONDS}`,
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      ...(init === undefined ? [] : [`#EXT-X-MAP:URI="${init}"`]),
      ...segments.slice(first, last + 1).flatMap((name) => [`#EXTINF:${CUT_SECONDS.toFixed(6)},`, name]),
      ...(last === segments.length - 1 ? ['#EXT-X-ENDLIST'] : []),
    ]
    await this.#put(LIST, lines.map((line) => `${line}\n`).join(''))
  }

  /** Segments from `first` to `last`, each with its list; the one `without` is only named. */
  async push(first: number, last: number, without?: number): Promise<void> {
    for (let index = first; index <= last; index++) {
      if (index !== without) await this.segment(index)
      await this.list(index)
    }
  }

  /** What is served under a stored name; undefined: nothing. */
  async fetched(name: string): Promise<Buffer | undefined> {
    const answer = await fetch(this.#served(name))
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (answer.status === 404) return undefined
    expect(answer.status, name).toBe(200)
    return bytes
  }

  async live(): Promise<ServedPlaylist> {
    return readServed(await text(this.liveUrl))
  }

  async vod(): Promise<ServedPlaylist> {
    return readServed(await text(this.vodUrl))
  }

  #served(name: string): string {
    return `${this.#receiver.url}/live/streams/${name}`
  }

  async #put(name: string, body: string | Buffer<ArrayBuffer>): Promise<void> {
    const answer = await fetch(`${this.#receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })
    expect(answer.ok, name).toBe(true)
  }
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url)
  expect(answer.status, url).toBe(200)
  return answer.text()
}
