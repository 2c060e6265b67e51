import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const [a0 = '', a1 = '', a2 = ''] = names('a', 3)
const noon = Date.UTC(2026, 10, 22, 12)

function dated(base: number, segments: readonly string[]): string {
  const date = (index: number) => `#EXT-X-PROGRAM-DATE-TIME:${new Date(base + index * 2000).toISOString()}`
  return mediaList(
    0,
    segments.flatMap((name, index) => [date(index), name]),
  )
}

const plain = (_: number, segments: readonly string[]) => mediaList(0, segments)

describe.each([
  ['with dates', dated],
  ['without dates', plain],
])('P5: a list %s that was on its way when the encoder died', (_, list) => {
  test('begins no run, and goes on none, when it comes after the first list of the next run', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, list(noon, [a0, a1]))
    const late = trial.begin(LIST)
    await late.send(list(noon, [a0, a1, a2]))
    await trial.clock.advance(11_000)
    await trial.segments([a0], ' anew')
    await trial.put(LIST, list(noon + 60_000, [a0]))
    await late.end()
    await trial.clock.advance(6_000)
    await trial.segments([a1], ' anew')
    await trial.put(LIST, list(noon + 60_000, [a0, a1]))
    expect(trial.log.filter(({ event }) => event === 'new run')).toHaveLength(1)
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
  })
})
