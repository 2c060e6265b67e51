import { afterEach, describe, expect, test, vi } from 'vitest'
import { toBytes } from '../../src/core/records.ts'
import { nodeHost } from '../../src/node/host.ts'
import { IdSequence, rememberIds } from '../../src/node/ids.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { silent, unread } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const HOUR_MS = 3_600_000
const [a0 = '', a1 = '', a2 = '', a3 = ''] = names('a', 4)

function setBack({ clock }: Trial, ms: number): void {
  const now = clock.now.bind(clock)
  clock.now = () => now() - ms
}

afterEach(() => void vi.useRealTimers())

describe('P9: when the clock is set back', () => {
  test.each([1_000, HOUR_MS])('by %i ms, an entry is not awaited for ever', async (ms) => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put('a.m3u8', mediaList(0, [a0, a1, a2]))
    setBack(trial, ms)
    await trial.segments([a3])
    await trial.put('a.m3u8', mediaList(0, [a0, a1, a2, a3]))
    await trial.clock.advance(4_000)
    expect(await trial.played('a.m3u8')).toEqual([a0, 'GAP', a2, a3])
  })

  test('a variant is not awaited for ever', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put('a.m3u8', mediaList(0, [a0]))
    const variants = '#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n'
    await trial.put('main.m3u8', `#EXTM3U\n${variants}`)
    setBack(trial, HOUR_MS)
    await trial.clock.advance(12_000)
    expect(await trial.served('main.m3u8')).toBe('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n')
  })
})

describe('P4: ids sort by age', () => {
  test('when the clock is set back, also over a restart, and however many there are', async () => {
    vi.useFakeTimers()
    const stored = memoryJournal()
    const given: string[] = []
    for (let life = 0; life < 3; life++) {
      const { journal, nextId } = rememberIds(stored)
      for (let count = 0; count < 3; count++) given.push(nextId())
      await journal.commit([{ key: 'x/1', value: toBytes('any') }])
      vi.setSystemTime(Date.now() - HOUR_MS)
    }
    expect(given.toSorted()).toEqual(given)
    expect(new Set(given).size).toBe(given.length)
  })

  test('when there are more of one moment than the count has digits for', () => {
    vi.useFakeTimers({ now: 0 })
    const last = `${Date.now().toString(36).padStart(9, '0')}zzzyffffffffff`
    const ids = new IdSequence(last)
    const given = [ids.next(), ids.next(), ids.next()]
    expect([last, ...given].toSorted()).toEqual([last, ...given])
    expect(new Set(given.map((id) => id.length))).toEqual(new Set([last.length]))
  })
})

test('a timer that is longer than Node can wait does not run at once', async () => {
  let runs = 0
  const cancel = nodeHost(silent, unread, () => '').clock.after(2 ** 40, () => runs++)
  await new Promise((resolve) => setTimeout(resolve, 20))
  cancel()
  expect(runs).toBe(0)
})
