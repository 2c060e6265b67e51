import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PLAYLIST_BYTES, PLAYLIST_HEAD_BYTES } from '../../src/core/limits.ts'
import { PlaylistIntake, type PlaylistUpload } from '../../src/core/playlist/intake.ts'
import type { SealedMark, SealedPart } from '../../src/core/playlist/sealed-part.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { codeOf } from '../support/code-of.ts'
import { FakeClock } from '../support/fake-clock.ts'

const utf8 = new TextEncoder()
const { createDigest } = simulatedHost(new FakeClock(), 0)
const HEAD = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n'
const entries = (count: number, name = 'ü') =>
  Array.from({ length: count }, (_, index) => `#EXTINF:2.000000,\n${name}${index}.ts\n`).join('')
/** Where marks are, in entries. */
const MARKS = [3, 10, 400]

const known: SealedPart = {
  list: '1',
  entries: 400,
  lines: 800,
  mediaSequence: 7,
  marks: MARKS.map((count, index): SealedMark => {
    const bytes = utf8.encode(entries(count))
    return { bytes: bytes.length, hash: createHash('sha256').update(bytes).digest('hex'), chunks: index + 1 }
  }),
  carried: [],
}

function takeIn(pieces: Iterable<Uint8Array>, sealed: SealedPart | 'nothing' = known): PlaylistUpload {
  const intake = new PlaylistIntake(sealed === 'nothing' ? undefined : sealed, createDigest())
  for (const piece of pieces) intake.add(piece)
  return intake.finish()
}

function* cut(bytes: Uint8Array, at: readonly number[]): Generator<Uint8Array> {
  let from = 0
  for (const end of [...at.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(from, end)
    from = end
  }
}

function* each(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const textOf = ({ text }: PlaylistUpload) => new TextDecoder().decode(text)

describe('an upload that begins like the known list', () => {
  test('is kept without what is known', () => {
    const upload = takeIn([utf8.encode(`${HEAD}${entries(400)}#EXT-X-ENDLIST\n`)])
    expect(upload).toMatchObject({ continues: known, chunks: 3, headBytes: HEAD.length })
    expect(textOf(upload)).toBe(`${HEAD}#EXT-X-ENDLIST\n`)
  })

  test('up to a mark is kept from there on', () => {
    const rest = entries(300).slice(entries(10).length)
    const upload = takeIn([utf8.encode(HEAD + entries(300))])
    expect(upload).toMatchObject({ continues: known, chunks: 2 })
    expect(textOf(upload)).toBe(HEAD + rest)
  })

  test('may have another head', () => {
    const head = HEAD.replace('DURATION:2', 'DURATION:60').replace('#EXTM3U\n', '#EXTM3U\n\n# a comment\n')
    const upload = takeIn([utf8.encode(head + entries(401))])
    expect(upload).toMatchObject({ chunks: 3, headBytes: head.length })
    expect(textOf(upload)).toBe(head + entries(401).slice(entries(400).length))
  })
})

describe('an upload is kept as a whole', () => {
  test.each([
    ['when nothing is known', HEAD + entries(400), 'nothing' as const],
    ['when its numbers are others', (HEAD + entries(400)).replace('SEQUENCE:7', 'SEQUENCE:8'), known],
    ['when it has no number', (HEAD + entries(400)).replace('#EXT-X-MEDIA-SEQUENCE:7\n', ''), known],
    ['when its first entry is another', HEAD + entries(400, 'b'), known],
    ['when it ends before the first mark', HEAD + entries(2), known],
    ['when it has no entry', HEAD, known],
    ['when it is empty', '', known],
    [
      'when its head is too long to be one',
      HEAD + '# a comment\n'.repeat(PLAYLIST_HEAD_BYTES / 10) + entries(400),
      known,
    ],
  ])('%s', (_what, text, sealed) => {
    const bytes = utf8.encode(text)
    const upload = takeIn(each(bytes, 100), sealed)
    expect(textOf(upload)).toBe(text)
    expect(upload).toMatchObject({ bytes: bytes.length, continues: undefined, chunks: 0, headBytes: 0 })
  })
})

test('an upload comes to the same however it was cut into pieces', () => {
  const flip = (text: string, at: number) => {
    const bytes = utf8.encode(text)
    bytes.set([(bytes.at(at) ?? 0) ^ 1], at)
    return bytes
  }
  const uploads = fc.oneof(
    fc.integer({ min: 0, max: 420 }).map((count) => utf8.encode(HEAD + entries(count))),
    fc.integer({ min: HEAD.length, max: entries(405).length }).map((at) => flip(HEAD + entries(405), at)),
    fc.integer({ min: 0, max: 3000 }).map((at) => utf8.encode(HEAD + entries(400)).subarray(0, at)),
  )
  fc.assert(
    fc.property(uploads, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (bytes, cuts) => {
      const whole = takeIn([bytes])
      const { text, ...said } = whole
      for (const pieces of [cut(bytes, cuts), each(bytes, 100), each(bytes, 1)]) {
        const upload = takeIn(pieces)
        expect(upload).toMatchObject(said)
        expect(Buffer.compare(upload.text, text)).toBe(0)
      }
      const middle = MARKS[whole.chunks - 1] ?? 0
      const [head, rest] = [whole.text.subarray(0, whole.headBytes), whole.text.subarray(whole.headBytes)]
      expect(Buffer.concat([head, utf8.encode(entries(middle)), rest]).equals(bytes)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

describe('P6: the memory of an upload', () => {
  test('follows its new tail: what is known is let go at each mark', () => {
    const intake = new PlaylistIntake(known, createDigest())
    for (const piece of each(utf8.encode(HEAD + entries(400)), 10)) intake.add(piece)
    expect(intake.held).toBeLessThan(10)
  })

  test('ends at the largest playlist', () => {
    const intake = new PlaylistIntake(undefined, createDigest())
    intake.add(new Uint8Array(MAX_PLAYLIST_BYTES))
    expect(codeOf(() => intake.add(new Uint8Array(1)))).toBe('body-too-large')
  })
})
