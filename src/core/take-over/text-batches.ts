import { ReceiverError } from '../errors.ts'
import { MAX_PLAYLIST_LINE_BYTES, TAKEN_BATCH_LINES } from '../limits.ts'
import { type ReadPlaylist, readPlaylist } from '../playlist/read.ts'
import { type CarriedSite, NOTHING_SKIPPED, type ScannedPlaylist, type Skipped } from '../playlist/scan.ts'
import { sharedSites } from '../playlist/shared.ts'
import { assertGood } from '../playlist-reading.ts'

/** Lines of a batch, which ends with a segment. */
const MAX_LINES = 2 * TAKEN_BATCH_LINES

/**
 * Reads a media playlist of any length, some entries at a time, each time with the playlist's own tags before them. Throws
 * `playlist-invalid` where it comes to what is none, and what its body throws.
 */
export async function* textBatches(
  body: AsyncIterable<Uint8Array>,
  isAllowed: (uri: string) => boolean,
): AsyncGenerator<ReadPlaylist> {
  let head: readonly string[] = []
  let skipped: Skipped = NOTHING_SKIPPED
  let lines: string[] = []
  const read = () => {
    const playlist = readPlaylist([...head, ...lines], skipped)
    assertGood(playlist, isAllowed)
    const { scanned } = playlist
    head = scanned.lines.slice(0, scanned.bodyLine)
    skipped = behind(scanned, skipped, head.length)
    lines = []
    return playlist
  }
  for await (const line of linesOf(body)) {
    lines.push(line)
    if (lines.length > MAX_LINES)
      throw new ReceiverError('playlist-invalid', 'It has too many lines without a segment.')
    if (lines.length >= TAKEN_BATCH_LINES && !line.startsWith('#')) yield read()
  }
  if (lines.length > 0) yield read()
}

/** What stands before the lines that follow those of a batch. */
function behind(scanned: ScannedPlaylist, before: Skipped, bodyLine: number): Skipped {
  const last = scanned.entries.at(-1)
  if (last === undefined) return { ...before, bodyLine }
  const rangeEnd = last.range === undefined ? undefined : { uri: last.uri, end: last.range.end }
  return { entries: before.entries + scanned.entries.length, bodyLine, rangeEnd, carried: carriedBehind(scanned) }
}

function carriedBehind(scanned: ScannedPlaylist): CarriedSite[] {
  const { lines, carried } = scanned
  const textOf = (line: number) => lines[line] ?? carried.find((each) => each.line === line)?.text ?? ''
  return (sharedSites(scanned).at(-1) ?? []).map((site, index) => ({
    ...site,
    line: -1 - index,
    entry: -1,
    text: textOf(site.line),
    served: '',
  }))
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const piece of body) {
    const lines = (rest + decoded(decoder, piece)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_PLAYLIST_LINE_BYTES) throw new ReceiverError('playlist-invalid', 'A line is too long.')
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') throw new ReceiverError('playlist-invalid', 'Its last line has no line end.')
}

function decoded(decoder: TextDecoder, piece: Uint8Array): string {
  try {
    return decoder.decode(piece, { stream: true })
  } catch (cause) {
    throw new ReceiverError('playlist-invalid', 'It is not UTF-8.', { cause })
  }
}
