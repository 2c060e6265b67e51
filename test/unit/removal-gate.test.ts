import { describe, expect, test } from 'vitest'
import { dangling } from '../support/dangling.ts'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

/** Sends all of a stream, which goes DELAY_MS later. */
async function ended(trial: Trial): Promise<void> {
  await trial.segments(names('a', 3))
  await trial.put('a.m3u8', mediaList(0, names('a', 3), END))
}

describe('P2: a file of a removed stream stays that another list is bound to, and does not show yet', () => {
  test('while it waits for a segment', async () => {
    const trial = await deleting()
    await ended(trial)
    await trial.segments(['b0.ts'])
    await trial.put('b.m3u8', mediaList(0, ['b0.ts']))
    await trial.clock.advance(DELAY_MS + 9_400)
    expect(await trial.served('a.m3u8')).toBeUndefined()
    const b2 = trial.begin('b2.ts')
    await b2.send('b2')
    await trial.put('b.m3u8', mediaList(0, ['b0.ts', 'b2.ts', 'a1.ts']))
    await trial.clock.advance(1_300)
    await b2.send('.ts')
    await b2.end()
    await trial.clock.advance(GONE_MS)
    expect(await trial.stored('a0.ts')).toBeUndefined()
    expect(await trial.played('b.m3u8')).toEqual(['b0.ts', 'b2.ts', 'a1.ts'])
    expect(await dangling(trial, ['b.m3u8'])).toEqual([])
  })

  test('also when it leaves the list before it is ever shown, over a restart', async () => {
    const trial = await deleting()
    await trial.segments(['b0.ts'])
    await trial.put('b.m3u8', mediaList(0, ['b0.ts', 'b1.ts', 'a1.ts']))
    await ended(trial)
    await trial.segments(['b3.ts'])
    await trial.put('b.m3u8', mediaList(3, ['b3.ts']))
    expect(await trial.recorded('b.m3u8')).toEqual(['b0.ts', 'GAP', 'a1.ts', 'b3.ts'])
    await trial.restart()
    await trial.clock.advance(2 * GONE_MS)
    expect(await trial.stored('a0.ts')).toBeUndefined()
    expect(await trial.recorded('b.m3u8')).toEqual(['b0.ts', 'GAP', 'a1.ts', 'b3.ts'])
  })
})
