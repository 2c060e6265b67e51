import { GAP_MEND_MS, SEAL_AT_ENTRIES, SEAL_CHUNK_ENTRIES, SEAL_KEEP_ENTRIES, SEAL_MARK_BYTES } from './limits.ts'
import type { Gate } from './playlist/gate.ts'
import type { MediaStep } from './playlist/publish.ts'
import type { ScannedPlaylist } from './playlist/scan.ts'
import { allChunks, endOf, type SealedChunks, type SealedMark, type SealedPart } from './playlist/sealed-part.ts'
import { isNeededByRest } from './playlist/tags.ts'
import { gone, type TimelineEntry } from './playlist/timeline.ts'
import { detached, type MediaRecord, type ServedParts } from './playlist-record.ts'
import type { Digest, Journal, JournalWrite } from './ports.ts'
import { jsonWrite, keys, toBytes, toText } from './records.ts'

/** What is kept of a chunk, each apart: its entries in the encoder's words, as served, and as the timeline knows them. */
export type ChunkPart = 'raw' | 'served' | 'entries'

/** Where a playlist's chunks are. */
export interface ChunkPlace {
  readonly app: string
  readonly name: string
}

/** One part of a list's sealed chunks, in order. */
export function* readChunks(
  journal: Journal,
  at: ChunkPlace,
  { list, chunks }: SealedChunks,
  part: ChunkPart,
): Generator<Uint8Array> {
  for (let index = 0; index < chunks; index++) {
    const bytes = journal.get(keys.chunk(at.app, at.name, list, index, part))
    if (bytes === undefined) throw new Error('a chunk of a long playlist is missing')
    yield bytes
  }
}

/** What the timeline knew of the sealed entries. */
export function sealedEntries(journal: Journal, at: ChunkPlace, sealed: SealedPart): TimelineEntry[] {
  return [...readChunks(journal, at, allChunks(sealed), 'entries')].flatMap(
    (json) => JSON.parse(toText(json)) as TimelineEntry[],
  )
}

/** Removes what is left of a list. */
export function removeChunks(journal: Journal, at: ChunkPlace, list: string): JournalWrite[] {
  return [...journal.entries(keys.chunks(at.app, at.name, list))].map(([key]) => ({ key, value: null }))
}

/** What sealing came to. */
export interface Sealing {
  readonly record: MediaRecord
  readonly writes: readonly JournalWrite[]
  /** Over all that is sealed. */
  readonly digest: Digest
}

/**
 * Seals the first entries of a list that only grows, once they cannot change any more. Its cost follows what is sealed, not
 * the length of the list. Undefined when there is nothing to seal.
 */
export function sealEntries(
  at: ChunkPlace,
  record: MediaRecord,
  scanned: ScannedPlaylist,
  { shown, carried }: Pick<MediaStep, 'shown' | 'carried'>,
  tools: { readonly digest: Digest; readonly newList: () => string; readonly now: number },
): Sealing | undefined {
  const { timeline, served } = record
  const count =
    record.isGrowing && timeline.entries.length >= SEAL_AT_ENTRIES ? settledEntries(record, shown, tools.now) : 0
  const lastSealed = scanned.entries[count - 1]
  if (lastSealed === undefined || served === undefined) return undefined
  // What the rest is read by must be there without what is sealed.
  if (scanned.lines.slice(scanned.bodyLine, lastSealed.uriLine + 1).some(isNeededByRest)) return undefined
  const list = record.sealed?.list ?? tools.newList()
  const digest = tools.digest.copy()
  const { writes, marks, length } = chunksOf(record, scanned, served, count, digest, (index, part) =>
    keys.chunk(at.app, at.name, list, index, part),
  )
  const sealed: SealedPart = {
    list,
    entries: (record.sealed?.entries ?? 0) + count,
    lines: (record.sealed?.lines ?? 0) + lastSealed.uriLine + 1 - scanned.bodyLine,
    mediaSequence: scanned.mediaSequence,
    carried: carried[count - 1] ?? [],
    marks,
    ...(lastSealed.range === undefined ? {} : { rangeEnd: { uri: lastSealed.uri, end: lastSealed.range.end } }),
  }
  const left: MediaRecord = {
    ...record,
    sealed,
    tail: record.tail.slice(length),
    timeline: {
      ...timeline,
      entries: timeline.entries.slice(count),
      gone: gone(timeline.gone, timeline.entries.slice(0, count)),
    },
    served: { ...served, sealed: allChunks(sealed), entries: served.entries.slice(count) },
  }
  return { record: detached(left), writes, digest }
}

/** The first `count` entries in chunks, where they end, and how much of the tail they are, in UTF-16 units. */
function chunksOf(
  { sealed, tail, timeline }: MediaRecord,
  scanned: ScannedPlaylist,
  served: ServedParts,
  count: number,
  digest: Digest,
  keyOf: (index: number, part: ChunkPart) => string,
): { readonly writes: readonly JournalWrite[]; readonly marks: readonly SealedMark[]; readonly length: number } {
  const writes: JournalWrite[] = []
  const marks = [...(sealed?.marks ?? [])]
  const lines = tail.split('\n')
  let length = 0
  for (let from = 0; from < count; from += SEAL_CHUNK_ENTRIES) {
    const to = Math.min(from + SEAL_CHUNK_ENTRIES, count)
    const text = rawLines(lines, scanned, from, to)
    const raw = toBytes(text)
    const { bytes, chunks } = marks.at(-1) ?? endOf(undefined)
    writes.push(
      { key: keyOf(chunks, 'raw'), value: raw },
      { key: keyOf(chunks, 'served'), value: toBytes(served.entries.slice(from, to).join('')) },
      jsonWrite(keyOf(chunks, 'entries'), timeline.entries.slice(from, to)),
    )
    digest.update(raw)
    length += text.length
    marks.push({ bytes: bytes + raw.length, hash: digest.copy().hex(), chunks: chunks + 1 })
  }
  return { writes, marks: keptMarks(marks), length }
}

/** The marks that stay: one each SEAL_MARK_BYTES, and the end. */
function keptMarks(marks: readonly SealedMark[]): SealedMark[] {
  const kept: SealedMark[] = []
  for (const mark of marks) {
    if (mark === marks.at(-1) || mark.bytes - (kept.at(-1)?.bytes ?? 0) >= SEAL_MARK_BYTES) kept.push(mark)
  }
  return kept
}

/** How many entries from the first on are served for good: a hole may be mended for a while. */
function settledEntries({ timeline }: MediaRecord, shown: Gate['shown'], now: number): number {
  const most = Math.min(shown.length, timeline.entries.length - SEAL_KEEP_ENTRIES)
  const open = timeline.entries.findIndex(
    ({ namedAt }, index) => index >= most || (shown[index]?.isMissing === true && now < namedAt + GAP_MEND_MS),
  )
  return Math.max(0, open)
}

/** The encoder's text of some entries, line ends and all; the tail begins with the first entry's first line. */
function rawLines(lines: readonly string[], scanned: ScannedPlaylist, from: number, to: number): string {
  const first = scanned.entries[from]?.firstLine ?? 0
  const last = scanned.entries[to - 1]?.uriLine ?? -1
  return lines
    .slice(first - scanned.bodyLine, last + 1 - scanned.bodyLine)
    .map((line) => `${line}\n`)
    .join('')
}
