import type { ReadableFile } from '../../../src/core/readable-file.ts'
import type { Receiver } from '../../../src/core/receiver.ts'
import { PlaylistWatch } from '../../../src/testing/playlist-watch.ts'
import { readServed, type ServedEntry, type ServedRange } from '../../../src/testing/served-playlist.ts'
import { ENTRY_TAG } from './encoder-text.ts'
import type { Endings } from './endings.ts'
import type { LastingModel } from './lasting-model.ts'
import { RecordingWatch } from './recording-watch.ts'
import { APP, hashOf } from './sending.ts'
import { NOTHING, type SeenEntry } from './truth.ts'
import { missingUnnamed, wrongUnnamed } from './unnamed.ts'

/** What nobody but the encoder may read: where and with which key it uploads. */
const PRIVATE = /hls-upload|ingest\.example/

/** Versions of which the event is looked at once: it is put together anew each time. */
const EVENT_LOOKS = 5

/** Reads one playlist again and again, over all lives of the receiver, and everything that it names. */
export class Viewer {
  /** The encoder name of the playlist. */
  readonly name: string
  readonly #model: LastingModel | undefined
  #watch = new PlaylistWatch()
  /** SHA-256 of what was read, by URI and range: it never changes. */
  #known = new Map<string, string>()
  /** The same of what was removed since: other bytes never come under its names. */
  #former = new Map<string, string>()
  #recording = new RecordingWatch()
  #event = new PlaylistWatch()
  #etag = ''
  #seen = 0
  #servedSince: number | undefined
  #text = ''
  #hasEnded = false
  /** All lives of the receiver that were looked at. */
  readonly #receivers = new Set<Receiver>()

  readonly #mayBeGone: ReadonlySet<string> | undefined
  #endings: Endings | undefined

  /** Without a model, only what holds of every playlist is checked. `mayBeGone`: what its encoder deletes, and the receiver too. */
  constructor(name: string, model?: LastingModel, mayBeGone?: ReadonlySet<string>) {
    this.name = name
    this.#model = model
    this.#mayBeGone = mayBeGone
  }

  /** It may go when it has ended. */
  mayGo(endings: Endings): void {
    this.#endings = endings
  }

  /** The playlist as it was last served; empty when it never was. */
  get text(): string {
    return this.#text
  }

  /** How many versions were seen. */
  get seen(): number {
    return this.#seen
  }

  /** When it was served first, in ms; undefined when it never was. */
  get servedSince(): number | undefined {
    return this.#servedSince
  }

  /** Looks at what is served now, and tells what is wrong with it; `isThorough` reads again what was read before. */
  async look(receiver: Receiver, at: number, isThorough = false): Promise<string[]> {
    this.#receivers.add(receiver)
    const file = await serve(receiver, this.name)
    if (file === undefined) return this.#text === '' ? [] : this.#vanish(at)
    if (file.etag === this.#etag && !isThorough) return []
    this.#etag = file.etag
    this.#seen++
    this.#servedSince ??= at
    const text = (await read(file))?.toString() ?? ''
    const wrong = text === this.#text ? [] : this.#watch.observe(text).map((what) => `${what}: ${this.name}`)
    this.#text = text
    if (PRIVATE.test(text)) wrong.push(`P7: ${this.name} tells where it was uploaded`)
    const { entries, variants, hasEndlist, discontinuitySequence, mediaSequence } = readServed(text)
    this.#hasEnded = hasEndlist
    for (const uri of variants) {
      if ((await serve(receiver, this.#nameOf(uri))) === undefined)
        wrong.push(`P2: ${this.name} names ${uri}, not served`)
    }
    const { seen, changed } = await this.#see(receiver, text, entries, discontinuitySequence, isThorough)
    wrong.push(...changed)
    this.#recording.note(seen)
    const playsMs = entries.reduce((ms, { duration }) => ms + 1_000 * duration, 0)
    const list = { hasEnd: hasEndlist, firstNumber: mediaSequence, playsMs }
    this.#endings?.seen(this.name, list, this.#filesOf(seen), at)
    if (entries.length > 0 && this.#mayBeGone === undefined && this.#seen % EVENT_LOOKS === 0)
      wrong.push(...(await this.#lookAtEvent(receiver, entries.length)))
    if (isThorough && entries.length > 0) wrong.push(...(await this.#checkRecording(receiver)))
    return [...wrong, ...(this.#model?.see({ entries: seen, hasEndlist }, at) ?? [])]
  }

  /** The files that entries lead to, by SHA-256, and whether they came, also, later than a list that named them. */
  #filesOf(entries: readonly SeenEntry[]): Map<string, boolean> {
    const isLate = (id: string) => {
      const entry = this.#model?.written.get(id)
      return entry?.isOvertaken === true || entry?.segment.isRepeated === true
    }
    return new Map(entries.flatMap(({ id, hash }) => (hash === undefined ? [] : [[hash, isLate(id)]])))
  }

  /** It is not served any more: what is wrong with that. If nothing is, it begins anew when it comes again. */
  #vanish(at: number): string[] {
    const endings = this.#endings
    if (endings === undefined) return [`P4: ${this.name} is not served any more`]
    const variants = readServed(this.#text).variants.map((uri) => this.#nameOf(uri))
    const wrong = endings.vanished(this.name, variants, at)
    this.#former = new Map([...this.#former, ...this.#known])
    this.#known = new Map()
    this.#watch = new PlaylistWatch()
    this.#event = new PlaylistWatch()
    this.#recording = new RecordingWatch()
    this.#text = ''
    this.#etag = ''
    this.#servedSince = undefined
    this.#hasEnded = false
    return wrong
  }

  async #see(
    receiver: Receiver,
    text: string,
    entries: readonly ServedEntry[],
    discontinuitySequence: number,
    isThorough: boolean,
  ): Promise<{ seen: SeenEntry[]; changed: string[] }> {
    const ids = idsOf(text)
    const seen: SeenEntry[] = []
    const wrong: string[] = []
    let part = discontinuitySequence
    for (const [index, entry] of entries.entries()) {
      const { found, changed } = await this.#fetch(receiver, entry, isThorough)
      if (entry.isDiscontinuity) part++
      seen.push({ ...entry, ...found, part, id: ids[index] ?? '' })
      wrong.push(...changed.map((what) => `P3: ${what} changed its bytes: ${this.name}, entry ${entry.number}`))
    }
    return { seen, changed: wrong }
  }

  /** Who follows the recording as it grows must have seen all that the live list shows, and nothing of it may change. */
  async #lookAtEvent(receiver: Receiver, least: number): Promise<string[]> {
    const text = (await read(await receiver.origin.recording(APP, this.name, 'event')))?.toString() ?? ''
    const wrong = this.#event.observe(text)
    if (readServed(text).entries.length < least) wrong.push('P5: the event has less than the live list')
    return wrong.map((what) => `${what}: ${this.name}, as an event`)
  }

  async #checkRecording(receiver: Receiver): Promise<string[]> {
    const text = (await read(await receiver.origin.recording(APP, this.name, 'vod')))?.toString() ?? ''
    const { entries } = readServed(text)
    const { seen, changed } = await this.#see(receiver, text, entries, 0, false)
    const isUntold = (id: string) => this.#model?.isUntold(id) ?? false
    const wrong = [
      ...this.#recording.check(seen, isUntold, this.#model?.hasRival ?? false, this.#mayBeGone),
      ...(this.#model === undefined ? [] : wrongUnnamed(seen, this.#model.written, isUntold)),
      // What stands behind a deleted one goes with it.
      ...(this.#model === undefined || this.#mayBeGone !== undefined
        ? []
        : missingUnnamed(seen, this.#model.written, isUntold, {
            hasEnded: this.#hasEnded,
            hadCrash: this.#receivers.size > 1,
          })),
    ]
    return [...changed, ...wrong.map((what) => `${what}: ${this.name}`)]
  }

  async #fetch(receiver: Receiver, entry: ServedEntry, isThorough: boolean): Promise<Fetched> {
    const changed: string[] = []
    const hash = async (uri: string, range?: ServedRange) => {
      const key = `${uri} ${range?.start}-${range?.end}`
      const known = this.#known.get(key)
      if (known !== undefined && !isThorough) return known
      const file = await serve(receiver, this.#nameOf(uri))
      const bytes = file === undefined ? undefined : await read(file, range)
      const now = bytes === undefined ? NOTHING : hashOf(bytes)
      const former = bytes === undefined ? undefined : this.#former.get(key)
      if ((known ?? former ?? now) !== now) changed.push(uri)
      if (bytes !== undefined) this.#known.set(key, now)
      return now
    }
    const found = {
      hash: entry.isGap ? undefined : await hash(entry.uri, entry.range),
      mapHash: entry.map === undefined ? undefined : await hash(entry.map.uri, entry.map.range),
      keyHash: entry.keyUri === undefined ? undefined : await hash(entry.keyUri),
    }
    return { found, changed }
  }

  #nameOf(uri: string): string {
    return decodeURIComponent(new URL(uri, `http://origin/${encodeURI(this.name)}`).pathname.slice(1))
  }
}

interface Fetched {
  readonly found: Pick<SeenEntry, 'hash' | 'mapHash' | 'keyHash'>
  /** URIs whose bytes are not what they were. */
  readonly changed: readonly string[]
}

/** What its encoder calls each entry of a playlist; empty where no list of it named the entry. */
function idsOf(text: string): string[] {
  const ids: string[] = []
  let id = ''
  for (const line of text.split('\n')) {
    if (line.startsWith(ENTRY_TAG)) id = line.slice(ENTRY_TAG.length)
    if (line === '' || line.startsWith('#')) continue
    ids.push(id)
    id = ''
  }
  return ids
}

/** What is served under a name; undefined when nothing is. */
async function serve(receiver: Receiver, name: string): Promise<ReadableFile | undefined> {
  try {
    return await receiver.origin.serve(APP, name)
  } catch (error) {
    // A receiver under test may be a copy of the core: its errors are of another class.
    if (error instanceof Error && error.name === 'ReceiverError') return undefined
    throw error
  }
}

/** The bytes of a file, or of a range; undefined when they cannot be read, or are fewer than it says. */
async function read({ content }: ReadableFile, range?: ServedRange): Promise<Buffer | undefined> {
  const { start, end } = range ?? { start: 0, end: content.size }
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of content.stream(start, end)) chunks.push(chunk)
  } catch {
    return undefined
  }
  const bytes = Buffer.concat(chunks)
  return bytes.length === end - start && end <= content.size ? bytes : undefined
}
