import { describe, expect, test } from 'vitest'
import { openWrites } from '../../src/core/archive/archive.ts'
import type { ArchivedEntry } from '../../src/core/archive/archived-entry.ts'
import { Catalog } from '../../src/core/catalog.ts'
import { EXPIRED_OF_PLAYLIST } from '../../src/core/limits.ts'
import { Leaving } from '../../src/core/removal/leaving.ts'
import type { RecordedPlaylist } from '../../src/core/removal/recorded-playlist.ts'
import { RecordedSizes } from '../../src/core/removal/recorded-sizes.ts'
import { takeOldest } from '../../src/core/removal/take-oldest.ts'
import { memoryBodyFiles, memoryJournal } from '../../src/stores/memory-custody.ts'
import { silent } from '../simulation/world/surroundings.ts'
import { limited } from '../support/limited.ts'
import { mediaList, names } from '../support/trial.ts'

const MINUTE_MS = 60_000
const COUNT = 30
const BYTES = 1_000

const clock = {
  now: () => 1e9,
  after: (_ms: number, run: () => void) => {
    const timer = setImmediate(run)
    return () => clearImmediate(timer)
  },
}

function entry(prefix: string, number: number, namedAt: number): ArchivedEntry {
  const stored = `${prefix}${number}.ts`
  return {
    ...{ number, namedAt, uri: stored, isBreak: false, isGap: false, from: '', shared: [] },
    lines: ['#EXTINF:2.000000,'],
    segment: { stored, id: `id ${number}` },
    range: { start: 0, end: BYTES },
  }
}

/** A recording of COUNT entries, of which none is in a list any more. */
function recording(prefix: string, at: number, taken = 0): RecordedPlaylist {
  return {
    ...{
      app: 'live',
      name: `${prefix}.m3u8`,
      stream: prefix,
      lastId: 'z',
      lastAt: 1e9,
      isOver: false,
      isNeeded: false,
      windowMs: 0,
    },
    ...{
      until: COUNT,
      bytes: COUNT * BYTES,
      from: 0,
      to: 0,
      at,
      takenAt: 0,
      taken,
      freed: 0,
      leastMs: 0,
      isWhole: false,
    },
  }
}

describe('the oldest of all goes first', () => {
  test('from each rendition as much as from the others', async () => {
    const trial = await limited({ bytes: () => 900 })
    for (let number = 0; number < 60; number++) {
      for (const prefix of ['a_240p', 'a_480p']) {
        await trial.put(`${prefix}${number}.ts`, '1234567890')
        const first = Math.max(0, number - 2)
        await trial.put(`${prefix}.m3u8`, mediaList(first, names(prefix, number - first + 1, first)))
      }
      await trial.clock.advance(2_000)
    }
    await trial.clock.advance(3 * MINUTE_MS)
    const [low = 0, high = 0] = await Promise.all(
      ['a_240p.m3u8', 'a_480p.m3u8'].map(async (name) => (await trial.recorded(name)).length),
    )
    expect(low + high).toBeLessThanOrEqual(90)
    expect(low + high).toBeGreaterThan(70)
    // As nearly as 10 s.
    expect(Math.abs(low - high)).toBeLessThan(8)
  })

  test.each([
    ['may go at once', 10, 0],
    ['of one recording may go at once', 1_000, EXPIRED_OF_PLAYLIST - 10],
  ])('and nothing younger instead when no more entries %s', async (_what, entries, taken) => {
    const journal = memoryJournal()
    const sizes = new RecordedSizes({ clock, journal, catalog: new Catalog(journal, memoryBodyFiles(), new Leaving()) })
    const old = recording('old', 1_000, taken)
    const young = recording('young', 1e8)
    for (const { app, name, stream, at = 0 } of [old, young]) {
      const own = Array.from({ length: COUNT }, (_, number) => entry(stream, number, at + number))
      await journal.commit(openWrites({ app, name }, own))
    }
    await takeOldest({ clock, journal, sizes, log: silent, budget: { entries } }, [young, old], {
      isEnough: (_at, freed) => freed >= 20 * BYTES,
      mayGoWhole: () => false,
      leastMs: 0,
    })
    expect([old.to, old.freed]).toEqual([10, 10 * BYTES])
    expect([young.to, young.freed]).toEqual([0, 0])
  })
})
