import { firstRange, newBody, newResource, segmentNames } from './encoder-files.ts'
import { type ListHead, type WrittenEntry, writeVersion } from './encoder-text.ts'
import type { Habits } from './habits.ts'
import type { Happening } from './happenings.ts'
import type { LastingModel } from './lasting-model.ts'
import { LeavingSegments } from './leaving-segments.ts'
import type { Post } from './post.ts'
import type { RunStart } from './run-start.ts'
import { type Fate, GrowingBody, hashOf } from './sending.ts'
import { SideFiles, sideBytes } from './side-files.ts'
import type { Resource } from './truth.ts'
import { Twins } from './twins.ts'

const EMPTY_LIST_CHANCE = 0.1
const SENT_TWICE_CHANCE = 0.1
const ODD_DURATION_CHANCE = 0.15
/** Between two segments of those that are sent at once, in ms. */
const BULK_MS = 5
/** From the start to the first segment, over its duration, in ms: init section and key have arrived by then. */
export const FIRST_MS = 500
/** From a segment to the playlist that names it, in ms. */
const PLAYLIST_LAG_MS = [1, 60] as const
const LATE_MS = [600, 7_000] as const
const OVERTAKEN_MS = [100, 1_500] as const
const DELAYED_MS = [300, 3_500] as const
const AGAIN_MS = [0, 700] as const
/** From the last segment of a life to the list that lingers, in ms. */
const LINGERING_MS = 100
/** From the last bytes of a single file to its end, in ms. */
const END_MS = 5
const utf8 = new TextEncoder()

/** One life of an encoder: what it sends, from its first file to its last playlist. */
export class EncoderRun {
  readonly #habits: Habits
  readonly #post: Post
  readonly #model: LastingModel
  readonly #start: RunStart
  readonly #written: (entry: WrittenEntry) => void
  readonly #entries: WrittenEntry[]
  #head: ListHead = { map: undefined, key: undefined, fileSince: undefined }
  #map: Resource | undefined
  #key: Resource | undefined
  #body: GrowingBody | undefined
  #bodyBytes = 0
  #isBodyLost = false
  /** Its upload did not come to its end. */
  #isBodyOver = false
  #leaving: LeavingSegments | undefined
  /** When what was written last into the single file is sent. */
  #grownAt = 0
  readonly #twins: Twins
  #number: number
  #left: number
  #ids = 0
  #lastDate = 0

  /** `written` is told of each entry. */
  constructor(
    habits: Habits,
    post: Post,
    model: LastingModel,
    start: RunStart,
    written: (entry: WrittenEntry) => void,
  ) {
    this.#written = written
    this.#habits = habits
    this.#post = post
    this.#model = model
    this.#start = start
    this.#entries = [...start.entries]
    this.#twins = new Twins(this.#entries, () => model.giveUp())
    this.#number = start.firstNumber
    this.#left = start.segments
  }

  /** It deletes what leaves its list. */
  deletes(): void {
    this.#leaving = new LeavingSegments(this.#habits, this.#post, this.#model, this.#start.clock)
  }

  /** Begins at `at`, in ms; `ended` is called when nothing more is planned. */
  begin(at: number, ended: (at: number) => void): void {
    const { type, bulk, duration, format } = this.#habits
    this.#lastDate = at
    this.#sendSideFiles(at)
    if (format.startsWith('single')) this.#openBody(at)
    const isFresh = this.#entries.length === 0
    if (isFresh && type !== 'vod' && this.#post.random.next() < EMPTY_LIST_CHANCE) this.#sendList(at, false)
    for (let sent = 0; isFresh && sent < bulk; sent++) this.#segment(at + FIRST_MS + sent * BULK_MS, duration, true)
    const first = at + FIRST_MS + (isFresh ? bulk * BULK_MS : 0)
    this.#post.agenda.add(first + duration * 1000, (now) => this.#cut(now, ended))
  }

  /** A segment is finished: it is sent, and the playlist that names it. */
  #cut(at: number, ended: (at: number) => void): void {
    const { type, hasEndlist, duration } = this.#habits
    this.#left--
    const isLast = this.#left <= 0
    this.#correctLast()
    const isOdd = this.#post.random.next() < ODD_DURATION_CHANCE
    this.#segment(at, isOdd ? duration + this.#post.random.whole(1, 40) / 10 : duration, false)
    const isKilled = isLast && this.#post.random.next() < this.#habits.leaves
    if (type !== 'vod' || isLast) this.#sendList(at, isLast && !isKilled && (hasEndlist || type === 'vod'))
    // Its list is never sent.
    if (isKilled) this.#segment(at + duration * 1000, duration, false)
    if (!isLast) this.#post.agenda.add(at + duration * 1000, (now) => this.#cut(now, ended))
    else {
      const end = Math.max(at, this.#grownAt) + END_MS
      this.#post.agenda.add(end, () => this.#body?.end(hasEndlist ? 'whole' : 'cut'))
      ended(at)
    }
  }

  /** Gives the newest entry a shorter duration, unless its segment came behind its list: that looks like a new run. */
  #correctLast(): void {
    const last = this.#ids === 0 ? undefined : this.#entries.at(-1)
    if (last !== undefined && this.#post.random.next() < this.#habits.corrects && !last.isOvertaken)
      last.corrected = Number((last.duration - 0.1).toFixed(6))
  }

  #segment(at: number, seconds: number, isBulk: boolean): void {
    const number = this.#number++
    const id = `${this.#start.label}.${++this.#ids}`
    const { name, uri } = segmentNames(this.#habits, number, this.#start.clock)
    const body = newBody(this.#post.random, id, isBulk)
    const bytes = this.#body !== undefined && this.#ids === 1 ? firstRange(body, this.#start.run) : body
    const segment = newResource()
    segment.isLost = this.#isBodyLost
    const entry: WrittenEntry = {
      id,
      run: this.#start.run,
      number,
      duration: seconds,
      segment,
      map: this.#map,
      key: this.#key,
      isDiscontinuity: this.#start.isDiscontinuity && this.#ids === 1,
      uri,
      corrected: undefined,
      isOvertaken: false,
      byteRange: this.#body && `${bytes.length}@${this.#bodyBytes}`,
      dateTime: this.#dateOf(at, seconds),
    }
    this.#entries.push(entry)
    this.#written(entry)
    this.#model.write(entry)
    if (this.#body !== undefined) this.#grow(this.#body, bytes, segment, at)
    else if (isBulk) this.#post.resource(name, bytes, at, segment)
    else this.#sendSegment(name, bytes, at, segment)
  }

  /** When a segment that is finished at `at` began: after the one before, and in this life. */
  #dateOf(at: number, seconds: number): number {
    this.#lastDate = Math.max(this.#lastDate + 1, at - Math.round(seconds * 1000))
    return this.#lastDate
  }

  #sendSegment(name: string, bytes: Uint8Array, at: number, segment: Resource): void {
    const { random } = this.#post
    const { late, never, cut, twice, differs, overtaken } = this.#habits.trouble
    const happens = (rate: number, what: Happening) => this.#post.happens(rate, what)
    const fate: Fate = this.#habits.names === 'twins' ? { lost: () => this.#twins.confuse(name) } : {}
    if (happens(never, 'loss')) {
      this.#post.keep(name, segment)
      return
    }
    if (happens(cut, 'loss')) {
      this.#post.keep(name, segment)
      this.#post.put(name, bytes, at, {}, true)
      return
    }
    const sentAt =
      at +
      (happens(late, 'reordering') ? this.#post.ms(LATE_MS) : 0) +
      (happens(overtaken, 'reordering') ? this.#post.ms(OVERTAKEN_MS) : 0)
    this.#post.resource(name, bytes, sentAt, segment, fate)
    this.#twins.sent(name)
    const again = (body: Uint8Array) => {
      const againAt = sentAt + this.#post.ms(AGAIN_MS)
      segment.isRepeated = true
      this.#post.resource(name, body, againAt, segment)
      this.#post.agenda.add(againAt, (now) => this.#model.doubt(now))
    }
    if (happens(twice, 'repeat')) again(bytes)
    if (happens(differs, 'repeat')) again(newBody(random, `${name} once more, not ${hashOf(bytes)}`, false))
  }

  #sendList(at: number, hasEndlist: boolean): void {
    if (this.#body === undefined) this.#leaving?.delete(at, this.#entries)
    const { type, window, windowJitter, stem, trouble } = this.#habits
    const { random } = this.#post
    const shown = window + (windowJitter === 0 ? 0 : random.whole(-1, windowJitter))
    const entries = type === 'live' ? this.#entries.slice(-shown) : [...this.#entries]
    const version = writeVersion(this.#habits, this.#start.run, entries, hasEndlist, this.#head)
    const bytes = utf8.encode(version.text)
    const lag = this.#post.ms(this.#post.happens(trouble.delayed, 'reordering') ? DELAYED_MS : PLAYLIST_LAG_MS)
    const send = (when: number, isCut: boolean) => {
      let sentAt = when
      this.#post.put(
        `${stem}.m3u8`,
        bytes,
        when,
        {
          sent: (now) => {
            sentAt = now
            for (const entry of entries) entry.isOvertaken ||= entry.segment.readyAt === undefined
            if (this.#body === undefined) this.#twins.overtake(entries.at(-1))
            this.#model.sent(version, now)
          },
          acknowledged: (now) => {
            if (entries.length > 0) this.#post.heard()
            this.#model.acknowledged(version, sentAt, now)
          },
        },
        isCut,
      )
    }
    send(at + lag, random.next() < trouble.cut / 2)
    // A short list that comes again after its last name came again looks like a new run.
    const looksNew = entries.length < (this.#habits.names === 'twins' ? 3 : trouble.differs > 0 ? 2 : 0)
    if (random.next() < SENT_TWICE_CHANCE && !looksNew) send(at + lag + this.#post.ms(AGAIN_MS), false)
  }

  /** One more segment, and a list that names it and is long on its way, while the encoder ends. */
  linger(at: number): void {
    this.#segment(at, this.#habits.duration, false)
    const { stem, type, window } = this.#habits
    const entries = type === 'live' ? this.#entries.slice(-window) : [...this.#entries]
    const version = writeVersion(this.#habits, this.#start.run, entries, false, this.#head)
    const body = new GrowingBody()
    body.write(utf8.encode(version.text), () => {})
    this.#post.linger(`${stem}.m3u8`, body, at + LINGERING_MS, {
      sent: (now) => this.#model.sent(version, now),
      acknowledged: (now) => this.#model.acknowledged(version, at + LINGERING_MS, now),
    })
  }

  #sendSideFiles(at: number): void {
    const { hasKey, format } = this.#habits
    const side = new SideFiles(this.#habits, this.#post, this.#start.label)
    if (hasKey) {
      // Whether a key is here decides whether its URI is ours at all.
      const key = side.sendKey(at, () => this.#model.giveUp())
      this.#key = key.resource
      this.#head = { ...this.#head, key: key.attributes }
    }
    if (format !== 'fmp4') return
    const map = side.sendInit(at, this.#start.entries.length > 0)
    this.#map = map.resource
    this.#head = { ...this.#head, map: map.attributes }
  }

  /** The single file of the whole run: begun now, and written segment by segment. */
  #openBody(at: number): void {
    const { name, uri } = segmentNames(this.#habits, 0)
    const body = new GrowingBody()
    this.#body = body
    this.#head = { ...this.#head, fileSince: at }
    if (this.#habits.format === 'single-mp4') {
      const bytes = sideBytes(this.#post.random, 'init', this.#start.label)
      this.#map = newResource()
      this.#head = { ...this.#head, map: `URI="${uri}",BYTERANGE="${bytes.length}@0"` }
      this.#grow(body, bytes, this.#map, at)
    }
    this.#post.grow(name, body, at, {
      acknowledged: () => {},
      lost: () => {
        this.#isBodyOver = true
        // What was served stays; of the rest it is open what was durable.
        const isKept = this.#entries.some(({ id }) => this.#model.isShown(id))
        for (const { id, segment } of this.#entries) if (!this.#model.isShown(id)) segment.readyAt = undefined
        if (!isKept) this.#isBodyLost = true
        if (!isKept) for (const { segment } of this.#entries) segment.isLost = true
        if (this.#map !== undefined && !isKept) {
          this.#map.readyAt = undefined
          this.#map.isLost = true
        }
        this.#left = Math.min(this.#left, 1)
      },
    })
  }

  #grow(body: GrowingBody, bytes: Uint8Array, resource: Resource, at: number): void {
    const { random } = this.#post
    const lag = random.next() < this.#habits.trouble.overtaken ? this.#post.ms(OVERTAKEN_MS) : 0
    this.#bodyBytes += bytes.length
    resource.hashes.add(hashOf(bytes))
    this.#grownAt = Math.max(this.#grownAt + 1, at + lag)
    this.#post.agenda.add(this.#grownAt, () => {
      body.write(bytes, (now) => {
        // What was being taken when the power failed is lost with the rest.
        if (!this.#isBodyOver) resource.readyAt ??= now
      })
    })
  }
}
