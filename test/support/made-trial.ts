import { contentOf } from '../../src/core/catalog.ts'
import { ReceiverError } from '../../src/core/errors.ts'
import { JobError } from '../../src/core/jobs/job.ts'
import type { Attempt } from '../../src/core/jobs/job-queue.ts'
import { SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import type { MadeFile, MakeOrder, Maker } from '../../src/core/making/order.ts'
import type { FolderFile } from '../../src/core/management/vod-uploads.ts'
import { StorageError } from '../../src/core/object-store.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import type { PreviewRules } from '../../src/core/previews/preview-rules.ts'
import { Productions, type ProductionsParts } from '../../src/core/productions.ts'
import type { OwnUpload, ProductKind, Products, UploadHow } from '../../src/core/products/products.ts'
import type { ReadableFile } from '../../src/core/readable-file.ts'
import { toBytes } from '../../src/core/records.ts'
import type { DeletionRules } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import type { RecordingRules } from '../../src/core/sessions/recording-rules.ts'
import type { StaleRule } from '../../src/core/stale-rule.ts'
import { baseName } from '../../src/core/upload-path.ts'
import type { VodNaming } from '../../src/core/vods/vod-file-name.ts'
import type { EventQueue, StreamEvent } from '../../src/core/webhooks/stream-event.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { settled } from './fake-clock.ts'
import { seededRandom } from './random.ts'
import { textOf } from './text-of.ts'
import { mediaList, Trial } from './trial.ts'

/** The app of a Trial. */
export const APP = 'live'

/** How a MadeTrial differs from one that records nothing by itself. */
export interface MadeSettings {
  readonly stale?: StaleRule
  readonly rules?: Partial<RecordingRules>
  readonly naming?: Partial<VodNaming>
  readonly previews?: Partial<PreviewRules>
  readonly toBucket?: readonly ProductKind[]
  readonly isHlsUploaded?: boolean
}

/** When playlists are stale, in ms. */
export const STALE_MS = 60_000
const STALE: StaleRule = { afterMs: STALE_MS, action: 'end' }
/** Entries of a live list. */
const WINDOW = 3
const SECOND_MS = 1_000

/** Products in memory: what lies on the disk and in the bucket, by `KIND/APP/NAME`. */
export class MemoryProducts implements Products {
  readonly disk = new Map<string, BodyContent>()
  readonly bucket = new Map<string, BodyContent>()
  readonly #tokens = new Map<string, string>()
  readonly #toBucket: readonly ProductKind[]

  constructor(toBucket: readonly ProductKind[]) {
    this.#toBucket = toBucket
  }

  async keep(kind: ProductKind, app: string, name: string, content: BodyContent): Promise<void> {
    this.disk.set(`${kind}/${app}/${name}`, content)
  }

  goesToBucket(kind: ProductKind): boolean {
    return this.#toBucket.includes(kind)
  }

  async upload(kind: ProductKind, app: string, name: string, { token, isReplacing }: UploadHow): Promise<void> {
    const key = `${kind}/${app}/${name}`
    const content = this.disk.get(key)
    const isTaken = this.bucket.has(key) && this.#tokens.get(key) !== token
    if (isTaken && !isReplacing) throw new StorageError('exists', false)
    if (content !== undefined) this.bucket.set(key, content)
    this.#tokens.set(key, token)
    this.disk.delete(key)
  }

  async file(kind: ProductKind, app: string, name: string): Promise<ReadableFile> {
    const key = `${kind}/${app}/${name}`
    const content = this.disk.get(key) ?? this.bucket.get(key)
    if (content === undefined) throw new ReceiverError('not-found')
    return { content, contentType: 'video/mp4', etag: key, modifiedAt: 0, isImmutable: kind === 'vod' }
  }

  async exists(kind: ProductKind, app: string, name: string): Promise<boolean> {
    const key = `${kind}/${app}/${name}`
    return this.disk.has(key) || this.bucket.has(key)
  }

  async remove(kind: ProductKind, app: string, name: string, { token }: OwnUpload): Promise<void> {
    const key = `${kind}/${app}/${name}`
    this.disk.delete(key)
    if (this.#tokens.get(key) === token) this.bucket.delete(key)
  }

  async discard(kind: ProductKind, app: string, name: string): Promise<void> {
    this.disk.delete(`${kind}/${app}/${name}`)
  }
}

/** Makes a text of what it was told to make a file of: the names of the segments, `|` between parts. */
class TextMaker implements Maker {
  readonly orders: MakeOrder[] = []
  /** Called before each, to fail or to wait. */
  before: (order: MakeOrder, attempt: Attempt) => Promise<void> = async () => {}

  async make(order: MakeOrder, attempt: Attempt): Promise<MadeFile> {
    this.orders.push(order)
    await this.before(order, attempt)
    if (attempt.signal.aborted) throw new JobError('job-ended', 'ended', { retryable: true })
    const text = order.parts.map(({ files }) => files.map(({ stored }) => stored).join(' ')).join(' | ')
    const seconds = order.parts.reduce((sum, part) => sum + part.seconds, 0)
    return { content: contentOf(toBytes(text)), durationMs: seconds * SECOND_MS, remove: async () => {} }
  }
}

/** What is made of the recordings of a Trial, with a maker that only tells of what. */
export class MadeTrial {
  readonly maker = new TextMaker()
  readonly products: MemoryProducts
  /** Events, as they became durable. */
  readonly events: StreamEvent[] = []
  /** Files of folders of this machine. */
  readonly folders = new Map<string, readonly FolderFile[]>()
  productions: Productions
  readonly #trial: Trial
  readonly #settings: MadeSettings
  readonly #random = seededRandom(7)
  #lives = 0

  constructor(trial: Trial, settings: MadeSettings) {
    this.#trial = trial
    this.#settings = settings
    this.products = new MemoryProducts(settings.toBucket ?? [])
    this.productions = this.#begin()
  }

  /** Stops without a word, and starts again on what is durable. */
  async restart(): Promise<void> {
    await this.#trial.restart(() => {
      this.productions = this.#begin()
    })
    this.productions.begin()
    await settled()
  }

  /** The names of files below the streams folder, and what each is made of. */
  async files(): Promise<Record<string, string>> {
    const vods = this.productions.vods.list(APP, { offset: 0, size: 1_000 })
    const texts = vods.map(async ({ file }): Promise<[string, string]> => {
      const key = `vod/${APP}/${file}`
      const content = this.products.disk.get(key) ?? this.products.bucket.get(key)
      return [file, content === undefined ? 'NOTHING' : await textOf(content.stream())]
    })
    return Object.fromEntries(await Promise.all(texts))
  }

  /** What happened, a word each. */
  get actions(): string[] {
    return this.events.map(({ action }) => action)
  }

  #begin(): Productions {
    const trial = this.#trial
    const { stale = STALE, rules, naming, previews } = this.#settings
    const parts: ProductionsParts = {
      host: { ...simulatedHost(trial.clock, 1_000 + this.#lives++, trial.logger), random: this.#random.next },
      ...{ journal: trial.journal, files: trial.files, receiver: trial.receiver, stale },
      ...{ products: this.products, maker: this.maker, events: this.#events() },
      rules: { isOn: () => false, isPerRun: () => false, ...rules },
      naming: { subfolder: '', isDated: () => false, zone: 'UTC', ...naming },
      previews: {
        ...{ isOn: () => false, periodMs: 5_000, height: 480, format: 'png', quality: 75, isOverwriting: false },
        ...previews,
      },
      ...{ concurrency: 1, maxBytes: 1e9, isHlsUploaded: this.#settings.isHlsUploaded ?? false },
      readFolder: (directory) => this.#readFolder(directory),
    }
    const productions = new Productions(parts)
    trial.receiver.followedBy(productions)
    return productions
  }

  async *#readFolder(directory: string): AsyncGenerator<FolderFile> {
    yield* this.folders.get(directory) ?? []
  }

  #events(): EventQueue {
    let waiting: StreamEvent[] = []
    return {
      writes: (event) => {
        waiting.push(event)
        return [{ key: `event/${event.timestamp}/${waiting.length}`, value: toBytes(event.action) }]
      },
      wake: () => {
        this.events.push(...waiting)
        waiting = []
      },
    }
  }
}

/** A receiver that makes files of what is sent. */
export function madeTrial(settings: MadeSettings, deletion?: DeletionRules) {
  const trial = new Trial(settings.stale ?? STALE, policies([]), undefined, deletion)
  const made = new MadeTrial(trial, settings)
  made.productions.begin()
  /** Sends segments of 2 s from one number up to and without another, as they come; `marks` are their bytes, and the last lines of the last list. */
  const send = async (prefix: string, from: number, to: number, ...marks: string[]) => {
    const foot = marks.filter((mark) => mark.startsWith('#'))
    const mark = marks.find((each) => !each.startsWith('#')) ?? ''
    for (let number = from; number < to; number++) {
      await trial.put(`${prefix}${number}.ts`, `${prefix}${number}.ts${mark}`)
      const all = Array.from({ length: number - from + 1 }, (_, index) => `${baseName(prefix)}${from + index}.ts`)
      await trial.put(
        `${prefix}.m3u8`,
        mediaList(Math.max(from, number - WINDOW + 1), all.slice(-WINDOW), ...(number === to - 1 ? foot : [])),
      )
      await settled()
    }
  }
  return { trial, made, send }
}

/** Sends two segments of a stream, and its end. */
export async function push({ trial, send }: ReturnType<typeof madeTrial>, name: string, mark = ''): Promise<void> {
  await send(name, 1, 3, mark, '#EXT-X-ENDLIST')
  await trial.clock.advance(SESSION_SETTLE_MS)
}
