import { describe, expect, test } from 'vitest'
import { parseRestartPolicies } from '../../src/config/restart-policies.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const TAKEN = { code: 'name-taken' }
const [a0 = '', a1 = '', a2 = '', a3 = ''] = names('a', 4)

const rejecting = () => new Trial(NEVER_STALE, () => 'reject')
const dated = (hour: string, list: string) =>
  list.replace('#EXTINF', `#EXT-X-PROGRAM-DATE-TIME:2026-11-22T${hour}:00:00.000+0000\n#EXTINF`)

describe('P3: under the policy reject', () => {
  test('other bytes under a name that is taken are refused, and what was there stays', async () => {
    const trial = rejecting()
    await trial.put(a0, 'first')
    await expect(trial.put(a0, 'second')).rejects.toMatchObject(TAKEN)
    expect(await trial.readBack(a0)).toBe('first')
    expect(await trial.put(a0, 'first')).toBe('same')
  })

  test('init sections and keys are refused, too', async () => {
    const trial = rejecting()
    await trial.put('init.mp4', 'first')
    await trial.put('a.key', 'first')
    await expect(trial.put('init.mp4', 'second')).rejects.toMatchObject(TAKEN)
    await expect(trial.put('a.key', 'second')).rejects.toMatchObject(TAKEN)
  })

  test('the list of an encoder that starts again is refused, and the one before stays served', async () => {
    const trial = rejecting()
    await trial.segments([a0, a1])
    await trial.put(LIST, dated('10', mediaList(0, [a0, a1])))
    await expect(trial.put(a0, 'anew')).rejects.toMatchObject(TAKEN)
    await expect(trial.put(LIST, dated('11', mediaList(0, [a0])))).rejects.toMatchObject(TAKEN)
    expect(await trial.played(LIST)).toEqual([a0, a1])
    expect(await trial.recorded(LIST)).toEqual([a0, a1])
  })

  test('an encoder that goes on is followed', async () => {
    const trial = rejecting()
    await trial.segments([a0, a1])
    await trial.put(LIST, dated('10', mediaList(0, [a0, a1])))
    await trial.segments([a2])
    await trial.put(LIST, dated('10', mediaList(0, [a0, a1, a2])))
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
  })

  test('an encoder that starts again under new names is recorded as a new run', async () => {
    const trial = rejecting()
    await trial.segments([a0, a1])
    await trial.put(LIST, dated('10', mediaList(0, [a0, a1])))
    await trial.segments([a3])
    await trial.put(LIST, dated('11', mediaList(0, [a3])))
    expect(await trial.recorded(LIST)).toEqual([a0, a1, `- ${a3}`])
  })

  test('a list that shows as a new run only later is acknowledged, and then dropped for good', async () => {
    const trial = rejecting()
    const refused = () => trial.log.filter(({ event }) => event === 'new run refused').length
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(11_000)
    await expect(trial.put(a0, 'anew')).rejects.toMatchObject(TAKEN)
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.segments([a1])
    expect(refused()).toBe(1)
    await trial.clock.advance(20_000)
    expect(refused()).toBe(1)
    await trial.restart()
    await trial.clock.advance(20_000)
    expect(trial.log.filter(({ level }) => level === 'error')).toEqual([])
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
  })
})

describe('the policy of a stream', () => {
  const policyFor = policies(parseRestartPolicies(['reject', 'live=append_list', 'live/cam1=reject']) ?? [])

  test.each([
    ['other', 'cam1000000001.ts', 'reject'],
    ['live', 'cam2000000001.ts', 'append_list'],
    ['live', 'cam1000000001.ts', 'reject'],
    ['live', 'sub/cam1_360p800kbps000000001.ts', 'reject'],
    ['live', 'cam1_adaptive.m3u8', 'reject'],
    ['live', 'cam12.m3u8', 'append_list'],
  ])('%s/%s: %s', (app, name, policy) => {
    expect(policyFor(app, name)).toBe(policy)
  })

  test.each([['keep'], ['live=keep'], ['live/=reject'], ['=reject'], ['live=reject,live'], ['a=reject', 'a=reject']])(
    'is not read from %s',
    (...items) => {
      expect(parseRestartPolicies(items)).toBeNull()
    },
  )
})
