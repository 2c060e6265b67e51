import { readServed } from '../../../src/testing/served-playlist.ts'
import { mediaList } from '../../support/trial.ts'

/** Segments of each of the two renditions. */
export const SEGMENTS = 1_500
/** The tag that ends a list. */
export const END = '#EXT-X-ENDLIST'
/** Uploads at once. */
const AT_ONCE = 32
/** Entries of a list, but for one. */
const WINDOW = 300
/** What a life of the encoder names its files by. */
export const DATE = '-2026-11-22_12-00-00.000'

const nine = (number: number) => String(number).padStart(9, '0')

/** The names of the first segments of a list. */
export function segmentsOf(list: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${list}${nine(at)}.m4s`)
}

/** Whether a file is of the broadcast. */
export function isOfBroadcast(name: string): boolean {
  return name.includes('cam1-2026')
}

/** Sends two renditions of `cam1`, fMP4 with init sections, dated names, and a multivariant playlist, and keeps what was sent. */
export class DatedBroadcast {
  /** Where the receiver is; may be another after a restart. */
  url: string
  /** The body of each file of the broadcast but playlists, by name. */
  readonly sent = new Map<string, string>()
  /** The names of its playlists. */
  readonly playlists = new Set<string>()

  constructor(url: string) {
    this.url = url
  }

  /** Uploads a file. */
  async put(name: string, body: string): Promise<void> {
    const answer = await fetch(`${this.url}/live/hls-upload/${name}`, { method: 'PUT', body })
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
    if (!isOfBroadcast(name)) return
    if (name.endsWith('.m3u8')) this.playlists.add(name)
    else this.sent.set(name, body)
  }

  /** Uploads many files. */
  async putAll(files: readonly (readonly [string, string])[]): Promise<void> {
    const left = [...files]
    const work = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await this.put(...next)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  /** A life of the encoder: as many segments of each rendition, and the end, unless it goes on. */
  async live(date: string, count: number, hasEnd: boolean): Promise<void> {
    const lists = ['_360p800kbps', '_720p2000kbps'].map((rendition) => `cam1${date}${rendition}`)
    for (const list of lists) {
      const init = `${list}_1700000000000_init.mp4`
      await this.put(init, `init of ${list}`)
      const all = segmentsOf(list, count)
      await this.putAll(all.map((name, at) => [name, at % 100 === 0 ? 'large'.repeat(20_000) + name : `of ${name}`]))
      const map = `#EXT-X-MAP:URI="${init}"`
      for (let first = 0; first < count; first += WINDOW)
        await this.put(`${list}.m3u8`, mediaList(first, [map, ...all.slice(first, first + WINDOW + 1)]))
      const last = Math.max(0, count - 3)
      if (hasEnd) await this.put(`${list}.m3u8`, mediaList(last, [map, ...all.slice(last)], END))
    }
    const variants = lists.map((list) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${list}.m3u8\n`)
    await this.put(`cam1${date}_adaptive.m3u8`, `#EXTM3U\n${variants.join('')}`)
  }

  /** A playlist as players get it; undefined when it is not served. */
  async served(name: string): Promise<string | undefined> {
    const answer = await fetch(`${this.url}/live/streams/${name}`)
    const text = await answer.text()
    return answer.ok ? text : undefined
  }

  /** Looks at a playlist and all that it names; gives what was missing. */
  async missing(name: string): Promise<string[]> {
    const { entries } = readServed((await this.served(name)) ?? '#EXTM3U\n')
    const uris = entries.flatMap(({ uri, map }) => (map === undefined ? [uri] : [uri, map.uri]))
    const answers = await Promise.all(uris.map((uri) => fetch(`${this.url}/live/streams/${uri}`)))
    await Promise.all(answers.map((each) => each.arrayBuffer()))
    return uris.filter((_, at) => answers[at]?.ok !== true)
  }
}
