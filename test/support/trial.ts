import type { ClipRange } from '../../src/core/archive/clip.ts'
import { ReceiverError } from '../../src/core/errors.ts'
import type { ObjectStore } from '../../src/core/object-store.ts'
import type { BodyFiles, Clock, Journal, Log } from '../../src/core/ports.ts'
import { Receiver, type UploadOutcome } from '../../src/core/receiver.ts'
import { type DeletionRules, NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { type PolicyFor, policies } from '../../src/core/restart-policy.ts'
import { NOT_SHARED, type Sharing, sharedBy } from '../../src/core/sharing/sharing.ts'
import type { StaleRule } from '../../src/core/stale-rule.ts'
import { storeKey } from '../../src/core/storing/store-key.ts'
import { takeOver } from '../../src/core/take-over/take-over.ts'
import { DEFAULT_MOUNT } from '../../src/core/upload-target.ts'
import { memoryBodyFiles, memoryJournal } from '../../src/stores/memory-custody.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { readServed, type ServedEntry, type ServedRange } from '../../src/testing/served-playlist.ts'
import { BLOCK_ENTRIES, NEVER_STALE, STORING, simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock, settled } from './fake-clock.ts'
import { objectsIn } from './objects-in.ts'
import { Pieces } from './pieces.ts'
import { textOf } from './text-of.ts'

const APP = 'live'
const ZONE = 'UTC'
const MAX_SEGMENT_BYTES = 1e9

/** What the log was told. */
export interface Logged {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Record<string, unknown> | undefined
}

/** An upload whose body is sent bit by bit. */
export interface RunningUpload {
  send(text: string): Promise<void>
  /** Ends the body, and gives what came of it. */
  end(): Promise<UploadOutcome>
  /** The connection is lost. */
  cut(): Promise<void>
}

/** What receivers have in common that share a store. */
export interface SharedWorld {
  readonly clock: FakeClock
  /** The time of this receiver, which may stand still. */
  readonly ownClock?: Clock
  readonly store: ObjectStore
  /** Tells each of them from the others. */
  readonly receiver: string
  /** Ids sort by age, whichever receiver gave them. */
  readonly nextId: () => string
  /** Plants a bug. */
  readonly change?: (sharing: Sharing) => Sharing
}

/** A receiver in memory, with a clock that is set by hand. */
export class Trial {
  readonly clock: FakeClock
  readonly journal: Journal = memoryJournal()
  readonly files: BodyFiles = memoryBodyFiles()
  readonly log: Logged[] = []
  receiver: Receiver
  readonly #stale: StaleRule
  readonly #policyFor: PolicyFor
  readonly #blockEntries: number
  readonly store: ObjectStore
  readonly #shared: SharedWorld | undefined
  readonly #deletion: DeletionRules
  #lives = 0

  constructor(
    stale: StaleRule = NEVER_STALE,
    policyFor: PolicyFor = policies([]),
    shared?: SharedWorld,
    deletion: DeletionRules = NOTHING_DELETED,
    blockEntries: number = BLOCK_ENTRIES,
  ) {
    this.#blockEntries = blockEntries
    this.clock = shared?.clock ?? new FakeClock()
    this.store = shared?.store ?? memoryStore(() => this.clock.now())
    this.#shared = shared
    this.#stale = stale
    this.#policyFor = policyFor
    this.#deletion = deletion
    this.receiver = this.#newReceiver()
  }

  /** Stops without a word, and starts again on what is durable; `prepare` is called before it does. */
  async restart(prepare: () => void = () => {}): Promise<void> {
    this.clock.forget()
    this.receiver = this.#newReceiver()
    prepare()
    await this.receiver.recover()
    await settled()
  }

  /** The disk is lost without a word; nobody has taken its place yet. */
  async loseDisk(): Promise<void> {
    this.clock.forget()
    const lost = [...this.journal.entries('')].map(([key]) => ({ key, value: null }))
    await this.journal.commit(lost)
    await this.files.remove(await this.files.list())
  }

  /** Another receiver takes the place of this one on its store, and begins. */
  async takeOver(): Promise<void> {
    const host = simulatedHost(this.clock, this.#lives++, this.logger)
    await takeOver({ ...this.#durable(), host, zone: ZONE, policyFor: this.#policyFor, isTakenUp: true })
    await this.restart()
  }

  /** Uploads a whole body. */
  async put(name: string, text: string, owner = ''): Promise<UploadOutcome> {
    const upload = this.begin(name, owner)
    await upload.send(text)
    return upload.end()
  }

  /** Uploads a body that is no text. */
  async putBytes(name: string, bytes: Uint8Array): Promise<UploadOutcome> {
    const pieces = new Pieces()
    const outcome = this.receiver.upload({ app: APP, name, owner: '' }, pieces)
    pieces.push(bytes)
    pieces.push('end')
    return outcome
  }

  /** Uploads segments under these names; each has its name and `mark` as its bytes. */
  async segments(names: readonly string[], mark = ''): Promise<void> {
    for (const name of names) await this.put(name, name + mark)
  }

  /** Begins an upload. */
  begin(name: string, owner = ''): RunningUpload {
    const pieces = new Pieces()
    const outcome = this.receiver.upload({ app: APP, name, owner }, pieces)
    outcome.catch(() => undefined)
    const tell = async (piece: Uint8Array | 'end' | 'cut') => {
      pieces.push(piece)
      await settled()
    }
    return {
      send: (text) => tell(new TextEncoder().encode(text)),
      async end() {
        await tell('end')
        return outcome
      },
      cut: () => tell('cut'),
    }
  }

  /** Sends AMS's message that a stream has ended. */
  async finish(streamId: string, filePath = `streams/${streamId}`): Promise<void> {
    const pieces = new Pieces()
    const done = this.receiver.endOfStream(APP, '', pieces)
    done.catch(() => undefined)
    pieces.push(new TextEncoder().encode(JSON.stringify({ streamId, filePath, command: 'publish_finished' })))
    pieces.push('end')
    await settled()
    await done
  }

  /** Deletes a file, as an encoder does. */
  async delete(name: string, owner = ''): Promise<void> {
    await this.receiver.delete({ app: APP, name, owner })
  }

  /** What players get of a playlist; undefined while it is not served. */
  async served(name: string): Promise<string | undefined> {
    return orMissing(async () => textOf((await this.receiver.origin.serve(APP, name)).content.stream()))
  }

  /** What the store has under a stored name; undefined when there is nothing. */
  async stored(name: string): Promise<string | undefined> {
    const found = await this.store.get(storeKey(APP, name))
    return found === null ? undefined : textOf(found.body)
  }

  /** What the encoder gets of its own file. */
  async readBack(name: string): Promise<string | undefined> {
    return orMissing(async () =>
      textOf((await this.receiver.origin.readBack({ app: APP, name, owner: '' })).content.stream()),
    )
  }

  /**
   * What players see of each entry, with all that it names fetched: `-` for a discontinuity, `key KEY/`, `INIT/`, then the
   * bytes of the segment; GAP for a hole.
   */
  async played(name: string): Promise<string[]> {
    return this.#playAll(name, await this.served(name))
  }

  /** The recording of a playlist; undefined when nothing of it was served yet. */
  async recordedText(name: string, form: 'vod' | 'event' = 'vod'): Promise<string | undefined> {
    return orMissing(async () => textOf((await this.receiver.origin.recording(APP, name, form)).content.stream()))
  }

  /** What was live in a range of time; undefined when there is nothing. */
  async clip(name: string, range: ClipRange): Promise<string | undefined> {
    return orMissing(async () =>
      textOf((await this.receiver.origin.clip(APP, name, { range, query: 'start=1' })).content.stream()),
    )
  }

  /** The names of a playlist's runs, oldest first. */
  async runs(name: string): Promise<string[]> {
    const list = JSON.parse(await textOf(this.receiver.origin.runs(APP, name).content.stream())) as {
      playlist: string
    }[]
    return list.map(({ playlist }) => playlist)
  }

  /** What players see of each entry of the recording. */
  async recorded(name: string): Promise<string[]> {
    return this.#playAll(name, await this.recordedText(name))
  }

  async #playAll(name: string, text: string | undefined): Promise<string[]> {
    const entries = text === undefined ? [] : readServed(text).entries
    return Promise.all(entries.map((entry) => this.#play(name, entry)))
  }

  async #play(playlist: string, entry: ServedEntry): Promise<string> {
    const { isDiscontinuity, isGap, uri, range, map, keyUri } = entry
    const mark = isDiscontinuity ? '- ' : ''
    if (isGap) return `${mark}GAP`
    const key = keyUri === undefined ? '' : `key ${await this.#fetch(playlist, keyUri)}/`
    const init = map === undefined ? '' : `${await this.#fetch(playlist, map.uri, map.range)}/`
    return `${mark}${key}${init}${await this.#fetch(playlist, uri, range)}`
  }

  async #fetch(playlist: string, uri: string, range?: ServedRange): Promise<string> {
    if (/^https?:/.test(uri)) return uri
    const path = new URL(uri, `http://origin/${playlist}`).pathname.slice(1)
    const { content } = await this.receiver.origin.serve(APP, decodeURIComponent(path))
    if (range !== undefined && range.end > content.size) throw new Error(`${uri} ends before its range`)
    return textOf(content.stream(range?.start, range?.end))
  }

  #durable() {
    const { journal, files, store } = this
    return { journal, files, store, found: objectsIn(store) }
  }

  /** What writes into `log`. */
  get logger(): Log {
    const note = (level: Logged['level']) => (event: string, fields?: Record<string, unknown>) =>
      void this.log.push({ level, event, fields })
    return { info: note('info'), warn: note('warn'), error: note('error') }
  }

  #newReceiver(): Receiver {
    const { journal, files, store } = this
    const shared = this.#shared
    const simulated = simulatedHost(shared?.ownClock ?? this.clock, this.#lives++, this.logger)
    const host = { ...simulated, nextId: shared?.nextId ?? simulated.nextId }
    return new Receiver({
      ...{ host, journal, files, store, mounts: [DEFAULT_MOUNT] },
      sharing:
        shared === undefined ? NOT_SHARED : (shared.change ?? same)(sharedBy(shared.receiver, host, journal, store)),
      maxSegmentBytes: MAX_SEGMENT_BYTES,
      zone: ZONE,
      storing: STORING,
      blockEntries: this.#blockEntries,
      stale: this.#stale,
      policyFor: this.#policyFor,
      deletion: this.#deletion,
    })
  }
}

function same(sharing: Sharing): Sharing {
  return sharing
}

/** A media playlist of these entries, with a target duration of 2 s. */
export function mediaList(first: number, entries: readonly string[], ...foot: readonly string[]): string {
  const head = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${first}`]
  const lines = entries.flatMap((entry) => (entry.startsWith('#') ? [entry] : ['#EXTINF:2.000000,', entry]))
  return [...head, ...lines, ...foot].map((line) => `${line}\n`).join('')
}

/** `PREFIX0.ts` … as many as `count`, from `first` on. */
export function names(prefix: string, count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${first + index}.ts`)
}

async function orMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ReceiverError && error.status === 404) return undefined
    throw error
  }
}
