import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_RETRY_MS, GAP_MEND_MS } from '../../src/core/limits.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { mediaList, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const WINDOW = 4
const SEGMENT_MS = 2_000
const BEGINNING = Date.UTC(2026, 10, 22, 12)
const BREAK = '#EXT-X-DISCONTINUITY'
const END = '#EXT-X-ENDLIST'

/** Which entries say when they were live. */
type Dates = 'all' | 'each fifth' | 'none'

/** An encoder whose list slides; each segment begins at BEGINNING and so many times SEGMENT_MS. */
class Encoder {
  readonly trial = new Trial()
  readonly #dates: Dates
  #entries: string[] = []
  #first = 0
  #name = 'a'
  #map: string | undefined

  constructor(dates: Dates) {
    this.#dates = dates
  }

  /** The next run: it begins so many segments later, under names of its own. */
  async restart(name: string, pause: number): Promise<void> {
    this.#name = name
    this.#first += this.#entries.length + pause
    this.#entries = []
    await this.trial.clock.advance(pause * SEGMENT_MS)
    this.#map = `init-${name}.mp4`
    await this.trial.put(this.#map, this.#map)
  }

  async send(count: number, ...foot: readonly string[]): Promise<void> {
    for (let sent = 0; sent < count; sent++) {
      const index = this.#entries.length
      const segment = `${this.#name}${this.#first + index}.ts`
      await this.trial.clock.advance(SEGMENT_MS)
      await this.trial.put(segment, segment)
      const date = new Date(BEGINNING + (this.#first + index) * SEGMENT_MS).toISOString()
      const isDated = this.#dates === 'all' || (this.#dates === 'each fifth' && index % 5 === 0)
      const lines = isDated ? [`#EXT-X-PROGRAM-DATE-TIME:${date}`] : []
      this.#entries.push([...lines, '#EXTINF:2.000000,', segment].join('\n'))
      const from = Math.max(0, this.#entries.length - WINDOW)
      const map = this.#map === undefined ? [] : [`#EXT-X-MAP:URI="${this.#map}"`]
      await this.trial.put(
        LIST,
        mediaList(from, [...map, ...this.#entries.slice(from)], ...(sent === count - 1 ? foot : [])),
      )
    }
  }

  /** Time in which blocks are made of what is recorded. */
  async rest(): Promise<void> {
    await this.trial.clock.advance(2 * GAP_MEND_MS + BLOCK_RETRY_MS)
  }
}

/** Between two moments, in segments since BEGINNING; undefined where there is nothing. */
async function clip(
  { trial }: Encoder,
  start: number | undefined,
  end: number | undefined,
): Promise<string | undefined> {
  const at = (segments: number | undefined) => (segments === undefined ? undefined : BEGINNING + segments * SEGMENT_MS)
  return trial.clip(LIST, { start: at(start), end: at(end) })
}

function uris(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

const segments = (name: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${name}${from + index}.ts`)

describe.each(['all', 'each fifth'] as const)('P5: a clip by the dates of %s entries', (dates) => {
  test('has the entries that overlap it, wherever they are kept, and their times', async () => {
    const encoder = new Encoder(dates)
    await encoder.send(40)
    await encoder.rest()
    await encoder.send(10)
    const ms = fc.integer({ min: 1, max: 50 * SEGMENT_MS - 1 })
    await fc.assert(
      fc.asyncProperty(ms, ms, async (startMs, lengthMs) => {
        const [start, end] = [startMs / SEGMENT_MS, (startMs + lengthMs) / SEGMENT_MS]
        const text = await clip(encoder, start, end)
        expect(uris(text)).toEqual(segments('a', Math.floor(start), Math.min(50, Math.ceil(end))))
        const [date] = /(?<=#EXT-X-PROGRAM-DATE-TIME:).*/.exec(text ?? '') ?? []
        expect(Date.parse(date ?? '')).toBe(BEGINNING + Math.floor(start) * SEGMENT_MS)
      }),
    )
  })

  test('keeps what holds for its entries: init sections, and a discontinuity between runs but not before the first', async () => {
    const encoder = new Encoder(dates)
    await encoder.send(10)
    await encoder.restart('b', 10)
    await encoder.send(10)
    await encoder.rest()
    await encoder.send(1)
    const over = await clip(encoder, 8, 22)
    expect(uris(over)).toEqual([...segments('a', 8, 10), ...segments('b', 20, 22)])
    expect(over?.split('\n').filter((line) => line === BREAK)).toHaveLength(1)
    const within = await clip(encoder, 22.5, 24)
    expect(within).not.toContain(BREAK)
    expect(readServed(within ?? '').entries.map(({ map }) => map?.uri)).toEqual(['init-b.mp4', 'init-b.mp4'])
    expect(await clip(encoder, 12, 18)).toBeUndefined()
  })
})

test('without dates, what was live is told by when it came, and the clip says so', async () => {
  const encoder = new Encoder('none')
  await encoder.send(20)
  await encoder.rest()
  const begin = encoder.trial.clock.now()
  await encoder.send(20)
  // A segment is whole when it has been live.
  const text = await encoder.trial.clip(LIST, { start: begin + 4.5 * SEGMENT_MS, end: begin + 8.5 * SEGMENT_MS })
  expect(uris(text)).toEqual(segments('a', 24, 29))
  expect(text).toMatch(/^# No EXT-X-PROGRAM-DATE-TIME/m)
  expect(text).not.toContain('#EXT-X-PROGRAM-DATE-TIME:')
})

test('P4: a clip whose end has not come grows as an event, and is closed when it has', async () => {
  const encoder = new Encoder('all')
  await encoder.send(10)
  const open = await clip(encoder, 6, 12)
  expect(open).toMatch(/#EXT-X-MEDIA-SEQUENCE:6\n#EXT-X-PLAYLIST-TYPE:EVENT\n/)
  expect(open).not.toContain(END)
  await encoder.send(5)
  const closed = await clip(encoder, 6, 12)
  expect(closed).toMatch(/#EXT-X-MEDIA-SEQUENCE:6\n#EXT-X-PLAYLIST-TYPE:VOD\n/)
  expect(uris(closed)).toEqual(segments('a', 6, 12))
  expect(closed?.startsWith((open ?? '').slice(0, 40))).toBe(true)
  expect(closed).toContain(END)
})

test('a clip without a start, or without an end, goes as far as there is something', async () => {
  const encoder = new Encoder('all')
  await encoder.send(10, END)
  expect(uris(await clip(encoder, undefined, 3))).toEqual(segments('a', 0, 3))
  expect(uris(await clip(encoder, 7, undefined))).toEqual(segments('a', 7, 10))
  expect(await clip(encoder, 7, undefined)).toContain(END)
})

test('where the clock of an encoder went back, both times are in the clip, with a discontinuity between', async () => {
  const trial = new Trial()
  const names = Array.from({ length: 9 }, (_, index) => `a${index}.ts`)
  const steps = [0, 1, 2, 3, 4, 2, 3, 4, 5]
  const entries = names.map((name, index) => {
    const date = new Date(BEGINNING + (steps[index] ?? 0) * SEGMENT_MS).toISOString()
    return `#EXT-X-PROGRAM-DATE-TIME:${date}\n#EXTINF:2.000000,\n${name}`
  })
  await trial.segments(names)
  await trial.put(LIST, mediaList(0, entries, END))
  const text = await trial.clip(LIST, { start: BEGINNING + 2 * SEGMENT_MS, end: BEGINNING + 4 * SEGMENT_MS })
  expect(uris(text)).toEqual(['a2.ts', 'a3.ts', 'a5.ts', 'a6.ts'])
  expect(text?.split(BREAK)[0]).toContain('a3.ts')
})

test('the clip of a run is cut out of that alone', async () => {
  const encoder = new Encoder('all')
  await encoder.send(6)
  await encoder.trial.clock.advance(60_000)
  await encoder.restart('b', 0)
  await encoder.send(4)
  const [first = '', second = ''] = await encoder.trial.runs(LIST)
  const range = { start: BEGINNING, end: BEGINNING + 8 * SEGMENT_MS }
  expect(uris(await encoder.trial.clip(first, range))).toEqual(segments('a', 0, 6))
  expect(uris(await encoder.trial.clip(second, range))).toEqual(segments('b', 6, 8))
})
