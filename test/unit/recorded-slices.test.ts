import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArchivedEntry } from '../../src/core/archive/archived-entry.ts'
import type { Block } from '../../src/core/archive/block.ts'
import { type NumberRange, numberedText } from '../../src/core/archive/numbered-text.ts'
import { partsAt } from '../../src/core/archive/recorded-tail.ts'
import { writeBlock } from '../../src/core/archive/write-block.ts'
import { Catalog } from '../../src/core/catalog.ts'
import { NUMBERED_ENTRIES } from '../../src/core/limits.ts'
import { recordedHoles } from '../../src/core/making/recorded-holes.ts'
import { recordedInputs } from '../../src/core/making/recorded-inputs.ts'
import type { RecordedText } from '../../src/core/making/recorded-texts.ts'
import { OpenBodies } from '../../src/core/open-bodies.ts'
import { UriLookup } from '../../src/core/playlist/lookup.ts'
import { toText } from '../../src/core/records.ts'
import { Leaving } from '../../src/core/removal/leaving.ts'
import { memoryBodyFiles, memoryJournal } from '../../src/stores/memory-custody.ts'

const AT = { app: 'live', name: 'cam.m3u8', owner: '' }
const LOOKUP = new UriLookup(AT, new Catalog(memoryJournal(), memoryBodyFiles(), new Leaving()), new OpenBodies(), [])
const FRAME = { version: 3, targetDuration: 2 }
const ALL = 1e9

/** An entry of 2 s in the clear. */
function entryOf(number: number, more: Partial<ArchivedEntry> = {}): ArchivedEntry {
  const uri = `cam${number}.ts`
  const segment = { stored: uri, id: String(number) }
  return { number, lines: ['#EXTINF:2,'], shared: [], isBreak: false, uri, segment, isGap: false, from: '', ...more }
}

/** Entries as blocks, a new one at each of these numbers. */
function blocksOf(entries: readonly ArchivedEntry[], numbers: readonly number[]): Block[] {
  return partsAt(entries, numbers).flatMap((part) => writeBlock(part, LOOKUP, undefined) ?? [])
}

/** Texts of at most so many entries; `asked` is told of each. */
function textOf(blocks: readonly Block[], most: number, asked: (text: string) => void = () => {}): RecordedText {
  return async (_app, _playlist, range) => {
    const text = numberedText(blocks, FRAME, range, most)
    asked(toText(text.bytes))
    return text
  }
}

const inputsOf = (text: RecordedText, range: NumberRange) =>
  recordedInputs(text, AT.app, [{ playlist: AT.name, ...range }]).catch((error: unknown) => ({ error }))

const key = (name: string, iv: string) => `#EXT-X-KEY:METHOD=AES-128,URI="${name}"${iv}`
const map = (name: string) => `#EXT-X-MAP:URI="${name}.mp4",BYTERANGE="700@0"`
const keyed = fc.constantFrom<readonly string[]>([], [key('k', '')], [key('l', ',IV=0xABC')])
/** What a list has before its entries at some time: no MAPs, one before all keys, or some behind them, and so in all of it. */
const sharedOf = {
  none: keyed,
  before: keyed.map((keys) => [map('i'), ...keys]),
  behind: fc.tuple(keyed, fc.constantFrom('i', 'j')).map(([keys, name]) => [...keys, map(name)]),
}

/** Entries in the order of their numbers, with discontinuities, holes, ranges, cuts, and such as no playlist named. */
const seldom = fc.constantFrom(true, false, false, false)
const stepsOf = (shared: fc.Arbitrary<readonly string[]>) => {
  const step = fc.record({
    ...{ step: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 900), shared: fc.option(shared), isGap: seldom },
    ...{ isBreak: seldom, isCutBehind: seldom, isRange: fc.boolean(), isBlock: seldom },
  })
  return fc.tuple(shared, fc.array(step, { minLength: 1, maxLength: 30 }))
}
const steps = fc.oneof(stepsOf(sharedOf.none), stepsOf(sharedOf.before), stepsOf(sharedOf.behind))
const recording = fc.tuple(fc.boolean(), steps).map(([isCounted, [first, all]]) => {
  // Where numbers are left out, vectors are written.
  const written = (lines: readonly string[]) =>
    lines.map((line) => (isCounted ? line : line.replace(/(URI="k")$/, '$1,IV=0x1')))
  let holding = written(first)
  let number = 0
  const begins: number[] = []
  const entries = all.map(({ step, isBlock, isRange, isCutBehind, ...each }, index): ArchivedEntry => {
    number += isCounted ? 1 : step
    if (isBlock && step > 0) begins.push(number)
    holding = each.shared === null ? holding : written(each.shared)
    const range = isRange ? { range: { start: 100 * index, end: 100 * index + 70 } } : {}
    const { isBreak, isGap } = each
    return entryOf(number, { isBreak, isGap, shared: holding, ...range, ...(isCutBehind ? { isCutBehind } : {}) })
  })
  return { entries, blocks: blocksOf(entries, begins) }
})

describe('a recording that is read in slices', () => {
  test('is made of the same as one that is read at once, and has as many holes', async () => {
    let parts = 0
    await fc.assert(
      fc.asyncProperty(
        ...[recording, fc.integer({ min: 1, max: 7 }), fc.nat(8), fc.integer({ min: 5, max: 2_000 })],
        async ({ blocks, entries }, most, from, length) => {
          const range = { from, to: from + length }
          const [whole, slices] = [textOf(blocks, ALL), textOf(blocks, most)]
          const inputs = await inputsOf(whole, range)
          expect(await inputsOf(slices, range)).toEqual(inputs)
          parts += Array.isArray(inputs) ? inputs.length : 0
          const holes = entries.filter(({ number, isGap }) => isGap && number >= range.from && number < range.to)
          expect(await recordedHoles(slices, AT.app, AT.name, range)).toBe(holes.length)
        },
      ),
      { numRuns: 2_000 },
    )
    expect(parts).toBeGreaterThan(2_000)
  })

  test('begins no part where only a text ends, and one where a discontinuity stands just there', async () => {
    const entries = Array.from({ length: 8 }, (_, at) => entryOf(at, { shared: [map('i')], isBreak: at === 4 }))
    for (const begins of [[], [4], [2, 4, 6]]) {
      const parts = await inputsOf(textOf(blocksOf(entries, begins), 2), { from: 0, to: 8 })
      expect(parts).toMatchObject([{ seconds: 8 }, { seconds: 8 }])
    }
  })

  test('has no text that is longer than it may be, though its numbers are far apart', async () => {
    const far = [0, 1, 1_700_000_000, 1_700_000_001, 1_700_000_002].map((number) => entryOf(number))
    const texts: string[] = []
    const text = textOf(blocksOf(far, []), 2, (each) => texts.push(each))
    expect(await inputsOf(text, { from: 0, to: 2e9 })).toMatchObject([
      { files: far.map(({ uri }) => ({ stored: uri })) },
    ])
    expect(texts.map((each) => each.match(/EXTINF/g)?.length)).toEqual([2, 2, 1])
  })
})

test('one uninterrupted run of a week can be read, a text at a time', async () => {
  const WEEK = (7 * 86_400) / 2
  const dated = ['#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z', '#EXTINF:2,']
  const entries = Array.from({ length: WEEK }, (_, at) => entryOf(at, { lines: dated, isGap: at % 1_000 === 999 }))
  const longest: number[] = []
  // Half of it in blocks, half in a list that has everything.
  const begins = Array.from({ length: WEEK / 2_000 }, (_, at) => at * 1_000)
  const text = textOf(blocksOf(entries, begins), NUMBERED_ENTRIES, (each) => longest.push(each.length))
  const [part, ...others] = await recordedInputs(text, AT.app, [{ playlist: AT.name, from: 0, to: WEEK }])
  expect(others).toEqual([])
  expect(part?.seconds).toBe(2 * WEEK)
  expect(part?.files.length).toBe(WEEK - Math.floor(WEEK / 1_000))
  expect(await recordedHoles(text, AT.app, AT.name, { from: 0, to: WEEK })).toBe(Math.floor(WEEK / 1_000))
  expect(Math.max(...longest)).toBeLessThan(100 * NUMBERED_ENTRIES)
})

describe('a recording of which nothing is left', () => {
  const ask = (text: RecordedText) => recordedInputs(text, AT.app, [{ playlist: AT.name, from: 0, to: 4 }])

  test('is told so, also when it went while it was read', async () => {
    await expect(ask(async () => undefined)).rejects.toMatchObject({ code: 'input-gone', retryable: false })
    const blocks = blocksOf(
      [0, 1, 2].map((number) => entryOf(number)),
      [],
    )
    const going: RecordedText = async (_app, _name, range) =>
      range.from === 0 ? numberedText(blocks, FRAME, range, 2) : undefined
    await expect(ask(going)).rejects.toMatchObject({ code: 'input-gone', retryable: false })
  })

  test('or of holes alone is empty', async () => {
    const holes = blocksOf(
      [0, 1, 2].map((number) => entryOf(number, { isGap: true })),
      [],
    )
    for (const blocks of [holes, []]) {
      await expect(ask(textOf(blocks, 2))).rejects.toMatchObject({ code: 'input-empty', retryable: false })
    }
  })
})
