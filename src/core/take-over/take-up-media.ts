import { type ArchivedEntry, archivedEntries } from '../archive/archived-entry.ts'
import { datedBegun } from '../archive/dated.ts'
import type { RecordedRun } from '../archive/runs.ts'
import { ReceiverError } from '../errors.ts'
import { MAX_TAKEN_ENTRIES } from '../limits.ts'
import type { ReadPlaylist } from '../playlist/read.ts'
import { EMPTY_TIMELINE, type Timeline, type TimelineEntry } from '../playlist/timeline.ts'
import type { ReadUpload } from '../playlist-reading.ts'
import type { MediaRecord } from '../playlist-record.ts'
import { jsonWrite, keys, type StoredObject } from '../records.ts'
import { storeKey } from '../storing/store-key.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { boundEntries, type FindObject } from './bound-entries.ts'
import { EntryPlaces } from './entry-places.ts'
import { firstOfRun } from './first-of-run.ts'
import type { FoundObject } from './found-object.ts'
import { isRefusal } from './refusal.ts'
import { type RunText, runsInOrder } from './run-texts.ts'
import { isAllowedUri } from './stored-uri.ts'
import type { TakeUpParts } from './take-up-parts.ts'
import { runFrom, runWrites } from './taken-runs.ts'
import { textBatches } from './text-batches.ts'

const NOTHING = new Uint8Array(0)
/** Of a text that is not there any more. */
const NO_BODY: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} }
const ALL = { from: 0, to: Number.POSITIVE_INFINITY }

/** A playlist that is being taken up. */
interface Taking {
  readonly list: FoundObject
  readonly find: FindObject
  readonly places: EntryPlaces
  readonly archive: ArchiveWriter
  /** The runs so far. */
  readonly runs: RecordedRun[]
}

/** Takes up media playlists of a store: their recordings, as far as texts of runs tell them, and their live lists. */
export class MediaTakeUp {
  readonly #parts: TakeUpParts

  constructor(parts: TakeUpParts) {
    this.#parts = parts
  }

  /**
   * Takes up a live list and its runs; it is served, and counts as accepted, once the receiver recovers. Nothing is
   * there of it before all is. Throws StorageError.
   */
  async takeUp(list: FoundObject, read: ReadUpload, found: readonly RunText[]): Promise<void> {
    const texts = runsInOrder(found)
    const { journal, host } = this.#parts
    const find = this.#parts.find(list)
    const timeline = timelineOf(read, boundEntries(read, find, undefined), host.nextId(), list.modifiedAt)
    const live = this.#archived(list, read, timeline)
    const [places, archive] = [new EntryPlaces(live), new ArchiveWriter(journal, list)]
    const taking: Taking = { list, find, places, archive, runs: [] }
    await archive.clear()
    for (const [index, text] of texts.entries()) {
      const end = Math.min(
        texts[index + 1]?.number ?? Number.POSITIVE_INFINITY,
        live[0]?.number ?? Number.POSITIVE_INFINITY,
      )
      await this.#takeRun(taking, text, end)
    }
    const { rest } = places
    const archived = rest?.number ?? places.last + 1
    const areOver = taking.runs.length === 0 || texts.at(-1)?.isOver === true
    if (rest !== undefined && areOver) await this.#beginRun(taking, rest)
    const firstNumber = live.length > 0 ? timeline.run.firstNumber : Math.max(timeline.run.firstNumber, archived)
    const record: MediaRecord = {
      kind: 'media',
      owner: '',
      head: read.head,
      tail: read.tail,
      timeline: { ...timeline, run: { ...timeline.run, firstNumber }, isTakenUp: true },
      isGrowing: read.parsed.playlistType === 'EVENT',
      archived,
    }
    const known = found.filter((text) => text.isEmpty || texts.includes(text))
    await journal.commit([...archive.end(rest?.number), ...this.#marks(taking, known, record)])
    const { app, name } = list
    host.log.info('playlist taken up', { app, name, entries: archive.entries, runs: taking.runs.length })
  }

  /** Begins the run that only the live list shows, `rest` and what follows: all that have texts are over. */
  async #beginRun({ list, find, places, archive, runs }: Taking, rest: ArchivedEntry): Promise<void> {
    const content = (object: StoredObject) => this.#parts.content(list.app, object)
    const first = await firstOfRun(rest, rest.number - places.last - 1, { find, content }).catch((cause: unknown) => {
      if (!isRefusal(cause)) throw cause
      return undefined
    })
    beginRun(runs, runFrom(list.name, first ?? rest, this.#parts.zone))
    if (first !== undefined) await archive.add(first)
  }

  #marks({ list, runs }: Taking, texts: readonly RunText[], record: MediaRecord) {
    const { app, name } = list
    const { journal } = this.#parts
    const began = runs[0]?.startedAt ?? list.modifiedAt
    // What is called like a run is none of its own, whatever it is.
    const called = runs.filter((run) => journal.get(keys.taken(app, run.name)) !== undefined)
    const written = new Set([name, ...[...texts, ...called].map((each) => each.name)])
    return [
      ...runWrites(journal, list, runs),
      ...datedBegun(list, began),
      ...[...written].map((each) => ({ key: keys.written(app, each), value: NOTHING })),
      jsonWrite(keys.playlist(app, name), record),
      // It is published when the receiver recovers.
      { key: keys.waiting(app, name), value: NOTHING },
    ]
  }

  /** Puts what the text of a run has into the recording, as far as it can be read; `end`: the next one begins there. */
  async #takeRun({ list, find, places, archive, runs }: Taking, text: RunText, end: number): Promise<void> {
    const { name, startedAt, found } = text
    const { app } = found
    let isFirst = true
    try {
      for await (const entry of this.#entriesOf(list, find, found)) {
        const isBreak = entry.isBreak || (isFirst && places.last >= 0)
        const placed = places.place({ ...entry, isBreak }, end)
        const own = placed.at(-1)
        if (isFirst && own !== undefined) beginRun(runs, { name, startedAt, number: own.number })
        isFirst &&= own === undefined
        for (const each of placed) await archive.add(each)
        if (archive.entries > MAX_TAKEN_ENTRIES) throw new ReceiverError('playlist-invalid', 'It is too long.')
      }
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      this.#parts.host.log.warn('playlist in the bucket not taken up to its end', { app, name, cause })
    }
  }

  /** The entries of a text of any length. */
  async *#entriesOf(list: FoundObject, find: FindObject, { app, name }: FoundObject): AsyncGenerator<ArchivedEntry> {
    const read = await this.#parts.store.get(storeKey(app, name))
    let namedAt: number | undefined
    for await (const batch of textBatches(read?.body ?? NO_BODY, isAllowedUri(name))) {
      const bound = boundEntries(batch, find, namedAt)
      namedAt = bound.at(-1)?.namedAt ?? namedAt
      yield* this.#archived(list, batch, timelineOf(batch, bound, '', 0))
    }
  }

  #archived(list: FoundObject, { scanned }: ReadPlaylist, timeline: Timeline): ArchivedEntry[] {
    return archivedEntries({ timeline }, scanned, this.#parts.lookup(list), ALL)
  }
}

/** Adds a run, unless it is the one before. */
function beginRun(runs: RecordedRun[], run: RecordedRun): void {
  const before = runs.at(-1)
  if (before === undefined || (run.name !== before.name && run.number > before.number)) runs.push(run)
}

/** What is known of a list as if it had been uploaded under the stored names, under an id before all that come. */
function timelineOf(
  { scanned, parsed }: ReadPlaylist,
  entries: readonly TimelineEntry[],
  id: string,
  acceptedAt: number,
): Timeline {
  return {
    ...EMPTY_TIMELINE,
    run: { ...EMPTY_TIMELINE.run, firstNumber: scanned.mediaSequence, listed: id },
    acceptedId: id,
    acceptedAt,
    entries,
    hasEndlist: scanned.hasEndlist,
    discontinuitiesBefore: parsed.discontinuitySequence,
    targetDuration: parsed.targetDuration ?? 0,
  }
}
