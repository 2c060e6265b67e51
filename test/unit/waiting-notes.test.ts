import { describe, expect, test } from 'vitest'
import { GAP_MEND_MS } from '../../src/core/limits.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const [a0 = '', a1 = '', a2 = '', a3 = ''] = names('a', 4)

function notes({ journal }: Trial): string[] {
  return [...journal.entries('g/')].map(([key]) => key)
}

function record({ journal }: Trial): string {
  return new TextDecoder().decode(journal.get(`p/live/${LIST}`))
}

async function suspected(): Promise<Trial> {
  const trial = new Trial()
  await trial.segments([a0, a1])
  await trial.put(LIST, mediaList(0, [a0, a1]))
  await trial.put(LIST, mediaList(0, [a0], END))
  expect(notes(trial)).toHaveLength(1)
  expect(record(trial)).toContain('"suspect"')
  return trial
}

describe('a playlist that looked like the first of a new run is forgotten', () => {
  test('when its time is over', async () => {
    const trial = await suspected()
    await trial.clock.advance(5_000)
    expect(notes(trial)).toEqual([])
    expect(record(trial)).not.toContain('"suspect"')
    expect(await trial.played(LIST)).toEqual([a0, a1])
  })

  test('at the next start, when its time was over before', async () => {
    const trial = await suspected()
    trial.clock.forget()
    await trial.clock.advance(5_000)
    await trial.restart()
    expect(notes(trial)).toEqual([])
    expect(record(trial)).not.toContain('"suspect"')
  })
})

describe('that a playlist waits is forgotten', () => {
  async function withHole(): Promise<Trial> {
    const trial = new Trial()
    await trial.segments([a0, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3], END))
    expect(notes(trial)).toHaveLength(1)
    return trial
  }

  test('when nothing of it came for long', async () => {
    const trial = await withHole()
    await trial.clock.advance(GAP_MEND_MS - 1_000)
    expect(notes(trial)).toHaveLength(1)
    await trial.segments([a1])
    await trial.clock.advance(GAP_MEND_MS - 1)
    expect(notes(trial)).toHaveLength(1)
    await trial.clock.advance(1)
    expect(notes(trial)).toEqual([])
    await trial.segments([a2])
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
  })

  test('at the next start, when it waited too long before', async () => {
    const trial = await withHole()
    await trial.clock.advance(2_000)
    trial.clock.forget()
    await trial.clock.advance(GAP_MEND_MS)
    await trial.restart()
    expect(notes(trial)).toEqual([])
  })

  test('P5: but not before, so that a hole is mended after a restart', async () => {
    const trial = await withHole()
    await trial.clock.advance(GAP_MEND_MS - 1_000)
    await trial.restart()
    await trial.segments([a1, a2])
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
    expect(notes(trial)).toEqual([])
  })
})
