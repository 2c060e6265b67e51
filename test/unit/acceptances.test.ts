import { describe, expect, test, vi } from 'vitest'
import { MAX_ACCEPTANCES, MAX_ACCEPTANCES_OF_ALL } from '../../src/core/limits.ts'
import { mediaList, Trial } from '../support/trial.ts'

vi.mock('../../src/core/limits.ts', async (original) => ({ ...(await original<object>()), MAX_ACCEPTANCES_OF_ALL: 64 }))

const MAP = '#EXT-X-MAP:URI="init.mp4"'

describe('P1: what a stream brought under a name', () => {
  test('is found by it however many other streams use that name', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init of s0', 's0')
    for (let other = 1; other <= MAX_ACCEPTANCES; other++) await trial.put('init.mp4', `init of s${other}`, `s${other}`)
    await trial.put('s0-0.m4s', 'first', 's0')
    await trial.put('s0.m3u8', mediaList(0, [MAP, 's0-0.m4s']), 's0')
    expect(await trial.played('s0.m3u8')).toEqual(['init of s0/first'])
  })

  test('is found as the newest only while it is not too much', async () => {
    const trial = new Trial()
    for (let count = 0; count < MAX_ACCEPTANCES + 8; count++) await trial.put('init.mp4', `init ${count}`, 's0')
    expect(acceptances(trial)).toHaveLength(MAX_ACCEPTANCES)
    for (let other = 1; other <= MAX_ACCEPTANCES_OF_ALL; other++) await trial.put('init.mp4', `${other}`, `s${other}`)
    expect(acceptances(trial)).toHaveLength(MAX_ACCEPTANCES_OF_ALL)
  })
})

function acceptances({ journal }: Trial): unknown {
  return JSON.parse(new TextDecoder().decode(journal.get('n/live/init.mp4')))
}
