import { GAP_MEND_MS, SEAL_AT_ENTRIES, SEAL_CHUNK_ENTRIES, SEAL_KEEP_ENTRIES, SEAL_MARK_BYTES } from './limits.ts'
import type { Gate } from './playlist/gate.ts'
import type { MediaStep } from './playlist/publish.ts'
import type { ScannedPlaylist } from './playlist/scan.ts'
import { endOf, type SealedMark, type SealedPart } from './playlist/sealed-part.ts'
import { isPlaylistTag } from './playlist/tags.ts'
import { gone, type TimelineEntry } from './playlist/timeline.ts'
import type { MediaRecord } from './playlist-record.ts'
import type { Digest, Journal, JournalWrite } from './ports.ts'
import { keys, toBytes, toText } from './records.ts'

/** Some entries of a long list: in the encoder's words, as served, and what the timeline knows of them. */
export interface Chunk {
  readonly raw: Uint8Array
  readonly served: Uint8Array
  readonly entries: readonly TimelineEntry[]
}

/** Where a playlist's chunks are. */
export interface ChunkPlace {
  readonly app: string
  readonly name: string
}

/** The sealed chunks of a list, in order, or the first `count` of them. */
export function* readChunks(
  journal: Journal,
  at: ChunkPlace,
  sealed: SealedPart,
  count = endOf(sealed).chunks,
): Generator<Chunk> {
  for (let index = 0; index < count; index++) {
    const bytes = journal.get(keys.chunk(at.app, at.name, sealed.list, index))
    if (bytes === undefined) throw new Error('a chunk of a long playlist is missing')
    yield decodeChunk(bytes)
  }
}

/** Removes what is left of a list. */
export function removeChunks(journal: Journal, at: ChunkPlace, list: string): JournalWrite[] {
  return [...journal.entries(keys.chunk(at.app, at.name, list, ''))].map(([key]) => ({ key, value: null }))
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
  // Its own tags must be there without what is sealed.
  if (scanned.lines.slice(scanned.bodyLine, lastSealed.uriLine + 1).some(isPlaylistTag)) return undefined
  const list = record.sealed?.list ?? tools.newList()
  const before = endOf(record.sealed)
  const digest = tools.digest.copy()
  const writes: JournalWrite[] = []
  const lines = record.tail.split('\n')
  for (let from = 0; from < count; from += SEAL_CHUNK_ENTRIES) {
    const to = Math.min(from + SEAL_CHUNK_ENTRIES, count)
    const raw = toBytes(rawLines(lines, scanned, from, to))
    digest.update(raw)
    const chunk = {
      raw,
      served: toBytes(served.entries.slice(from, to).join('')),
      entries: timeline.entries.slice(from, to),
    }
    const index = before.chunks + writes.length
    writes.push({ key: keys.chunk(at.app, at.name, list, index), value: encodeChunk(chunk) })
  }
  const sealedText = rawLines(lines, scanned, 0, count)
  const bytes = before.bytes + toBytes(sealedText).length
  const sealed: SealedPart = {
    list,
    entries: (record.sealed?.entries ?? 0) + count,
    lines: (record.sealed?.lines ?? 0) + lastSealed.uriLine + 1 - scanned.bodyLine,
    mediaSequence: scanned.mediaSequence,
    carried: carried[count - 1] ?? [],
    marks: [...keptMarks(record.sealed), { bytes, hash: digest.copy().hex(), chunks: before.chunks + writes.length }],
    ...(lastSealed.range === undefined ? {} : { rangeEnd: { uri: lastSealed.uri, end: lastSealed.range.end } }),
  }
  const left: MediaRecord = {
    ...record,
    sealed,
    tail: record.tail.slice(sealedText.length),
    timeline: {
      ...timeline,
      entries: timeline.entries.slice(count),
      gone: gone(timeline.gone, timeline.entries.slice(0, count)),
    },
    served: { ...served, entries: served.entries.slice(count) },
  }
  return { record: left, writes, digest }
}

/** The marks that stay when a list is sealed further: one each SEAL_MARK_BYTES. */
function keptMarks(sealed: SealedPart | undefined): SealedMark[] {
  const kept: SealedMark[] = []
  for (const mark of sealed?.marks ?? []) if (mark.bytes - (kept.at(-1)?.bytes ?? 0) >= SEAL_MARK_BYTES) kept.push(mark)
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

/** A chunk as journal bytes: a line with the sizes of both texts, the texts, and the entries as JSON. */
function encodeChunk({ raw, served, entries }: Chunk): Uint8Array {
  const sizes = toBytes(`${raw.length} ${served.length}\n`)
  const json = toBytes(JSON.stringify(entries))
  const all = new Uint8Array(sizes.length + raw.length + served.length + json.length)
  all.set(sizes)
  all.set(raw, sizes.length)
  all.set(served, sizes.length + raw.length)
  all.set(json, sizes.length + raw.length + served.length)
  return all
}

function decodeChunk(bytes: Uint8Array): Chunk {
  const sizesEnd = bytes.indexOf(0x0a) + 1
  const [rawBytes = 0, servedBytes = 0] = toText(bytes.subarray(0, sizesEnd)).split(' ').map(Number)
  const rawEnd = sizesEnd + rawBytes
  const json = bytes.subarray(rawEnd + servedBytes)
  return {
    raw: bytes.subarray(sizesEnd, rawEnd),
    served: bytes.subarray(rawEnd, rawEnd + servedBytes),
    get entries() {
      return JSON.parse(toText(json)) as TimelineEntry[]
    },
  }
}
