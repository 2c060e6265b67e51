import { expect, test } from 'vitest'
import { expectedTimeline, leaks } from '../../src/testing/index.ts'
import { measurePromptness } from '../../src/testing/promptness.ts'
import { FakeRecording, listOf } from './fake-origin.ts'

const NO_WAIT = { during: () => 0 }

/** A recording of uploads, one each second from 1 s on. */
function recorded(uploads: readonly (readonly [string, string])[]): FakeRecording {
  const recording = new FakeRecording()
  for (const [index, [name, text]] of uploads.entries()) recording.send(name, text, (index + 1) * 1_000)
  return recording
}

/** Number and bytes of each entry that must be served. */
function served(uploads: readonly (readonly [string, string])[], path = 's.m3u8'): [number, string | undefined][] {
  const { entries } = expectedTimeline(recorded(uploads).bodies, path)
  return entries.map(({ number, segment: { body, range } }) => [
    number,
    body && new TextDecoder().decode(range === undefined ? body.bytes : body.bytes.subarray(range.start, range.end)),
  ])
}

test('a list that slides: each segment once', () => {
  expect(
    served([
      ['a.ts', 'A'],
      ['s.m3u8', listOf(1, ['a.ts'])],
      ['b.ts', 'B'],
      ['s.m3u8', listOf(2, ['b.ts'])],
    ]),
  ).toEqual([
    [1, 'A'],
    [2, 'B'],
  ])
})

test('a restart under old names: numbers go on, and the bytes are those of the new run', () => {
  const uploads = [
    ['a.ts', 'A'],
    ['b.ts', 'B'],
    ['s.m3u8', listOf(1, ['a.ts', 'b.ts'])],
    ['s.m3u8', listOf(1, ['a.ts'])],
    ['a.ts', 'new A'],
  ] as const
  expect(served(uploads)).toEqual([
    [1, 'A'],
    [2, 'B'],
    [3, 'new A'],
  ])
  expect(served(uploads.slice(0, 4)).at(-1)).toEqual([3, undefined])
})

test('a name that stands twice in a list: each time its own bytes', () => {
  expect(
    served([
      ['a.ts', 'A'],
      ['s.m3u8', listOf(1, ['a.ts'])],
      ['a.ts', 'other A'],
      ['s.m3u8', listOf(1, ['a.ts', 'a.ts'])],
    ]),
  ).toEqual([
    [1, 'A'],
    [2, 'other A'],
  ])
})

test('byte ranges of a file that comes later, and beside an empty upload', () => {
  const list = listOf(0, ['a.ts', 'a.ts']).replace(/#EXTINF/g, '#EXT-X-BYTERANGE:2\n#EXTINF')
  expect(
    served([
      ['s.m3u8', list],
      ['a.ts', 'AABB'],
      ['a.ts', ''],
    ]),
  ).toEqual([
    [0, 'AA'],
    [1, 'BB'],
  ])
})

test('basenames of files in folders, absolute URIs, and names in the query', () => {
  const uploads = (name: string, uri: string) =>
    served([
      [name, 'A'],
      ['s.m3u8', listOf(0, ['a.ts']).replace('a.ts', uri)],
    ])
  expect(uploads('sub/dir/a.ts', 'a.ts')).toEqual([[0, 'A']])
  expect(uploads('a.ts', 'http://h/live/k/s3cret/hls-upload/a.ts')).toEqual([[0, 'A']])
  expect(uploads('a.ts', 'http_upload_hls?cid=k&file=a.ts')).toEqual([[0, 'A']])
  expect(uploads('é a.ts', 'é%20a.ts')).toEqual([[0, 'A']])
})

test('P9: what slid out of the list before it was due is not asked for, nor what only an older version named', () => {
  const recording = recorded([
    ['a.ts', 'A'],
    ['s.m3u8', listOf(1, ['a.ts'])],
    ['s.m3u8', listOf(2, ['b.ts'])],
    ['b.ts', 'B'],
  ])
  const never = { sightings: new Map(), lookedAt: 60_000 }
  const verdict = (bodies: FakeRecording) =>
    measurePromptness(expectedTimeline(bodies.bodies, 's.m3u8'), bodies, never, NO_WAIT).violations
  expect(verdict(recording)).toEqual(['P9: entry 1 (a.ts) was served never', 'P9: entry 2 (b.ts) was served never'])
  const [segment, first, second, late] = recording.bodies
  const sentAt = new Map([
    [segment, 1_000],
    [first, 2_800],
    [second, 3_000],
    [late, 4_000],
  ])
  recording.sentAt = (body) => sentAt.get(body)
  expect(verdict(recording)).toEqual(['P9: entry 2 (b.ts) was served never'])
  sentAt.set(first, 3_500)
  expect(verdict(recording)).toEqual(['P9: entry 2 (b.ts) was served never'])
})

test('P9: time in which there was no CPU to serve with is not counted', () => {
  const recording = recorded([
    ['a.ts', 'A'],
    ['s.m3u8', listOf(1, ['a.ts'])],
  ])
  const late = { sightings: new Map([[1, { missingAt: 2_800, seenAt: 2_900 }]]), lookedAt: 2_900 }
  const verdict = (waitedMs: number) => {
    const timeline = expectedTimeline(recording.bodies, 's.m3u8')
    return measurePromptness(timeline, recording, late, { during: () => waitedMs }).violations
  }
  expect(verdict(299)).toEqual(['P9: entry 1 (a.ts) was served 900 ms after it was due'])
  expect(verdict(300)).toEqual([])
})

test.each(['seg.ts?token=abc', 'http://h/live/hls-upload/a.ts', '/live/k/key/x', 'out?cid=x', 'my s3cret'])(
  'P7: %s gives something away',
  (text) => {
    expect(leaks(text, ['s3cret'])).toHaveLength(1)
  },
)

test('P7: plain names give nothing away', () => {
  expect(leaks('#EXTM3U\nsub/stream1000000001.ts\n', ['s3cret'])).toEqual([])
})
