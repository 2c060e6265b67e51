import { ReceiverError } from '../src/core/errors.ts'
import { MAX_PLAYLIST_LINE_BYTES } from '../src/core/limits.ts'
import { readPlaylist } from '../src/core/playlist/read.ts'
import { readLines } from '../src/core/playlist/scan.ts'

const FULL_BYTES = 10_000_000
/** How often each size is read; the shortest time counts. */
const ROUNDS = 3
/** Reading twice as much takes about twice as long; noise included, never three times. */
const MAX_RATIO = 3
const MAX_MS = 10_000
/** Below this, the noise is larger than what is measured. */
const MIN_RATIO_MS = 50

/** A line of about the longest length: `tag`, and as many of the pieces as fit. */
function longLine(tag: string, piece: (index: number) => string): string {
  let line = tag
  for (let index = 0; line.length < MAX_PLAYLIST_LINE_BYTES - 100; index++) line += piece(index)
  return line
}

/** The next line or lines of a list, by how many came before. */
type Kind = (index: number) => string

const repeat = (line: string): Kind => {
  return () => line
}

const SEGMENT = '#EXTINF:2.000000,a title\nfolder/of/the/segment.ts'
const DATE = '2026-11-22T18:43:06.630+0000'

const KINDS: Readonly<Record<string, Kind>> = {
  'a plain list': (index) => `#EXTINF:2.000000,a title\nfolder/of/the/segment${index}.ts`,
  'a list with dates, keys and date ranges': (index) =>
    `#EXT-X-KEY:METHOD=AES-128,URI="k${index}.key"\n#EXT-X-DATERANGE:ID="${index}",START-DATE="${DATE}"\n#EXTINF:2,\n#EXT-X-PROGRAM-DATE-TIME:${DATE}\ns${index}.ts`,
  'dates that are none': repeat(`#EXT-X-PROGRAM-DATE-TIME:${'1 Jan '.repeat(20)}\n${SEGMENT}`),
  'durations of a thousand digits': repeat(`#EXTINF:${'9'.repeat(1_000)}.${'9'.repeat(1_000)},\na.ts`),
  'byte ranges that follow each other': repeat(`#EXT-X-BYTERANGE:1000000\n${SEGMENT}`),
  'byte ranges of digits and points': repeat(`#EXT-X-BYTERANGE:${'1.'.repeat(3_000)}@${'1.'.repeat(500)}\n${SEGMENT}`),
  'segments without EXTINF': (index) => `a segment without one ${index}.ts`,
  'EXTINF without segments': (index) => `#EXTINF:2.000000,a title ${index}`,
  'longest comments': repeat(longLine('#', () => ' #EXTINF')),
  'longest titles of white space': repeat(`${longLine('#EXTINF:2,x', () => ' ')}x\na.ts`),
  'longest URIs': repeat(`#EXTINF:2,\n${longLine('a', () => '/..')}`),
  'commas in a key': repeat(longLine('#EXT-X-KEY:', () => ',')),
  'commas behind an attribute': repeat(longLine('#EXT-X-KEY:METHOD=NONE', () => ',')),
  'attributes without values': repeat(longLine('#EXT-X-DATERANGE:', (index) => `A${index}=,`)),
  'many attributes, all different': (line) => longLine('#EXT-X-DATERANGE:A=1', (at) => `,X-${line}-${at}="1"`),
  'variants with many attributes and no URI': (line) => longLine('#EXT-X-STREAM-INF:A=1', (at) => `,X${line}-${at}=`),
  'quotes without end': repeat(longLine('#EXT-X-MAP:URI="', () => "'=")),
  'quotes and equals signs': repeat(longLine('#EXT-X-STREAM-INF:', () => '="')),
  'URI attributes': repeat(longLine('#EXT-X-VENDOR:', () => ':URI=')),
  'runs of white space as long as may be': repeat(`${longLine('#EXT-X-STREAM-INF:', () => `A${' '.repeat(32)}`)}B=1`),
  'runs of white space that are too long': repeat(`${longLine('#EXT-X-STREAM-INF:A', () => ' ')}B=1`),
  'words that are almost reserved': repeat(longLine('#EXT-X-STREAM-INF:A=1', () => ',__proto_="constructo"')),
  'reserved words': repeat('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="__proto__",NAME="x",URI="a.m3u8"'),
  'variables and URIs that hold them': (index) =>
    `#EXT-X-DEFINE:NAME="v${index}",VALUE="{$v}"\n#EXTINF:2,\n{$v${index}}.ts`,
  'date ranges of two IDs in turn': (index) =>
    `#EXT-X-DATERANGE:ID="${index % 2}",START-DATE="${DATE}",X-A${index}="1"`,
  'parts and rendition reports': repeat('#EXT-X-RENDITION-REPORT:URI="a.m3u8"\n#EXT-X-PART:DURATION=1,URI="a.ts"'),
  'preload hints': repeat('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="a.ts"'),
  'renditions of one group': (index) => `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="${index}",URI="a.m3u8"`,
  'variants, each with a group of its own': (index) => `#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="${index}"\n${index}.m3u8`,
  'media sequence numbers': (index) => `#EXT-X-MEDIA-SEQUENCE:${index}`,
  discontinuities: repeat(`#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXT-X-BITRATE:1000\n${SEGMENT}`),
  'tags that nobody knows': (index) => `#EXT-X-VENDOR-${index}:A=1,URI="x"`,
}

function playlistOf(kind: Kind, bytes: number): Uint8Array {
  const pieces = ['#EXTM3U', '#EXT-X-TARGETDURATION:2']
  let size = 0
  for (let index = 0; size < bytes; index++) {
    const piece = kind(index)
    pieces.push(piece)
    size += piece.length + 1
  }
  return new TextEncoder().encode(`${pieces.join('\n')}\n`)
}

interface Reading {
  /** CPU time. */
  readonly ms: number
  readonly outcome: string
}

function read(bytes: Uint8Array): Reading {
  const began = process.cpuUsage()
  try {
    const { scanned, findings } = readPlaylist(readLines(bytes))
    return { ms: cpuMs(began), outcome: `${scanned.lines.length} lines, ${findings.length} findings` }
  } catch (error) {
    if (!(error instanceof ReceiverError)) throw error
    return { ms: cpuMs(began), outcome: `refused: ${error.detail ?? error.code}` }
  }
}

/** Time of other processes does not count. */
function cpuMs(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}

function shortest(bytes: Uint8Array): Reading {
  let best = read(bytes)
  for (let round = 1; round < ROUNDS; round++) {
    const next = read(bytes)
    if (next.ms < best.ms) best = next
  }
  return best
}

let isLinear = true
process.stdout.write(
  `| lines | CPU ms at ${FULL_BYTES / 2e6} MB | CPU ms at ${FULL_BYTES / 1e6} MB | ratio | outcome |\n|---|---|---|---|---|\n`,
)
for (const [name, kind] of Object.entries(KINDS)) {
  const half = shortest(playlistOf(kind, FULL_BYTES / 2))
  const full = shortest(playlistOf(kind, FULL_BYTES))
  const ratio = full.ms / half.ms
  const isBad = full.ms > MAX_MS || (full.ms > MIN_RATIO_MS && ratio > MAX_RATIO)
  if (isBad) isLinear = false
  const figures = [half.ms.toFixed(1), full.ms.toFixed(1), full.ms < MIN_RATIO_MS ? '–' : ratio.toFixed(1)]
  process.stdout.write(`| ${name} | ${figures.join(' | ')} | ${full.outcome}${isBad ? ', NOT LINEAR' : ''} |\n`)
}
process.exitCode = isLinear ? 0 : 1
