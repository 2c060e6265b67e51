import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePlaylist } from '../../src/core/playlist/parse.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { readLines, type ScannedPlaylist, type Skipped, scanLines } from '../../src/core/playlist/scan.ts'
import { checkedFixtures, playlistFixtures } from '../support/playlist-fixtures.ts'

const GENERATED = 3_000
const good = checkedFixtures().filter(({ name }) => name.includes('/good/'))
const fixtures = [...playlistFixtures(), ...good]

/** Both readings of the same lines, in the same words. */
function readings(lines: readonly string[]) {
  const scanned = scanLines(lines)
  const parsed = parsePlaylist(lines)
  const scannedVariants = scanned.uris.filter(({ line }) => !scanned.lines[line]?.trim().startsWith('#'))
  return {
    scanned: {
      entries: scanned.entries.map(({ uri, range, isDiscontinuity }) => ({ uri, range, isDiscontinuity })),
      mediaSequence: scanned.mediaSequence,
      hasEndlist: scanned.hasEndlist,
      variants: scanned.kind === 'multivariant' ? scannedVariants.map(({ uri }) => uri) : [],
    },
    parsed: {
      entries: parsed.entries.map(({ uri, byteRange: range, isDiscontinuity }) => ({ uri, range, isDiscontinuity })),
      mediaSequence: parsed.mediaSequence,
      hasEndlist: parsed.hasEndlist,
      variants: parsed.variants.map(({ uri }) => uri),
    },
  }
}

function skippedBefore(whole: ScannedPlaylist, entries: number): Skipped {
  const last = whole.entries[entries - 1]
  const rangeEnd = last?.range === undefined ? undefined : { uri: last.uri, end: last.range.end }
  return { entries, rangeEnd }
}

/** Reads the list again as its own tags and the entries from each place on: they must be those of the whole. */
function expectSplits(lines: readonly string[]): void {
  const whole = scanLines(lines)
  const dates = parsePlaylist(lines).entries.map(({ dateTime, duration }) => ({ dateTime, duration }))
  for (const [index, { firstLine }] of whole.entries.entries()) {
    const tail = [...lines.slice(0, whole.bodyLine), ...lines.slice(firstLine)]
    const { scanned, parsed, findings } = readPlaylist(tail, skippedBefore(whole, index))
    const moved = firstLine - whole.bodyLine
    // A comment above the first entry counts as one below the list's own tags.
    const expected = whole.entries.slice(index).map((entry, at) => ({
      ...entry,
      firstLine: at === 0 ? expect.any(Number) : entry.firstLine - moved,
      uriLine: entry.uriLine - moved,
    }))
    expect(scanned.entries).toEqual(expected)
    expect(scanned).toMatchObject({ mediaSequence: whole.mediaSequence, hasEndlist: whole.hasEndlist })
    expect(parsed.entries.map(({ dateTime, duration }) => ({ dateTime, duration }))).toEqual(dates.slice(index))
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  }
}

describe('scanner and parser read the same', () => {
  test.each(fixtures)('$name', ({ bytes }) => {
    const { scanned, parsed } = readings(readLines(bytes))
    expect(scanned).toEqual(parsed)
  })
})

describe('a tail reads as in the whole list', () => {
  test.each(fixtures)('$name', ({ bytes }) => {
    expectSplits(readLines(bytes))
  })
})

const uri = fc.constantFrom('a.ts', 'b.ts', ' c d é.ts', 'https://h.example/x.ts?a=b#c', '{$x}', 'sub/EXTINF:1,')
const filler = fc.constantFrom<readonly string[]>(
  [],
  [],
  [],
  [''],
  ['# a comment'],
  ['#EXT-X-VENDOR:URI'],
  ['#EXT-X-KEY:METHOD=AES-128,URI="k.key"'],
  ['#EXT-X-MAP:URI="init.mp4",BYTERANGE="10@0"'],
  ['#EXT-X-DISCONTINUITY'],
  ['#EXT-X-GAP'],
  ['#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:43:06.630+0000'],
  ['#EXT-X-DATERANGE:ID="a",START-DATE="2026-11-22T18:43:06Z",X-A="#EXTINF:2,"'],
)

interface Piece {
  readonly uri: string
  readonly duration: number
  readonly length: number
  readonly offset: number | undefined
  readonly isRanged: boolean
  readonly before: readonly string[]
  readonly behind: readonly string[]
}

const piece: fc.Arbitrary<Piece> = fc.record({
  uri,
  duration: fc.integer({ min: 1, max: 6_000 }),
  length: fc.nat(1_000_000),
  offset: fc.option(fc.nat(1_000_000), { nil: undefined }),
  isRanged: fc.boolean(),
  before: filler,
  behind: filler,
})

/** The lines of a valid list: a range leaves its offset out only behind a range of the same URI. */
function linesOf(pieces: readonly Piece[], sequence: number | undefined, isEnded: boolean): string[] {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-TARGETDURATION:6']
  if (sequence !== undefined) lines.push(` #EXT-X-MEDIA-SEQUENCE: ${sequence} `)
  let ranged: string | undefined
  for (const { duration, length, offset, isRanged, before, behind, ...each } of pieces) {
    const isFree = offset === undefined && ranged === each.uri.trim()
    const range = `#EXT-X-BYTERANGE:${length}${isFree ? '' : `@${offset ?? 0}`}`
    lines.push(...before, `#EXTINF:${duration / 1_000},`, ...behind, ...(isRanged ? [range] : []), each.uri)
    ranged = isRanged ? each.uri.trim() : undefined
  }
  return isEnded ? [...lines, ' #EXT-X-ENDLIST'] : lines
}

const sequence = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 10 })
const list = fc
  .tuple(fc.array(piece, { maxLength: 8 }), fc.option(sequence, { nil: undefined }), fc.boolean())
  .map(([pieces, first, isEnded]) => linesOf(pieces, first, isEnded))

describe('any valid list', () => {
  test('is read the same by scanner and parser', () => {
    fc.assert(
      fc.property(list, (lines) => {
        const { scanned, parsed } = readings(lines)
        expect(scanned).toEqual(parsed)
      }),
      { numRuns: GENERATED },
    )
  })

  test('has no error, and reads the same from each of its entries on', () => {
    fc.assert(fc.property(list, expectSplits), { numRuns: GENERATED })
  })
})
