import { describe, expect, test } from 'vitest'
import { REMOVAL_PAGE } from '../../src/core/limits.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { amongOthers, broadcast, DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { kept, storedNames } from '../support/kept.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

describe('a stream that has ended', () => {
  test('goes with everything, and nothing of others does', async () => {
    const trial = await amongOthers()
    const before = await kept(trial)
    await broadcast(trial)
    await trial.clock.advance(DELAY_MS - 1_000)
    expect(await trial.played('cam_360p800kbps.m3u8')).toHaveLength(3)
    expect((await storedNames(trial)).length).toBeGreaterThan(before.store.length + 20)
    await trial.clock.advance(2_000)
    expect(await trial.served('cam_360p800kbps.m3u8')).toBeUndefined()
    expect(await trial.served('cam_adaptive.m3u8')).toBeUndefined()
    expect(await kept(trial)).toEqual(before)
    expect(await trial.recorded('cam1.m3u8')).toHaveLength(4)
  })

  test('goes with all of its runs, however its encoder names them', async () => {
    const trial = await amongOthers()
    const before = await kept(trial)
    await broadcast(trial, { hasEnd: false })
    await trial.clock.advance(10_000)
    await broadcast(trial, { mark: ' of run 2' })
    await broadcast(trial, { date: '-2026-11-22_12-00-00.000' })
    await broadcast(trial, { date: '-2026-11-22_13-00-00.000' })
    await trial.clock.advance(20_000)
    expect(await trial.runs('cam_360p800kbps.m3u8')).toHaveLength(2)
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('goes with what was dated by the receiver', async () => {
    const trial = await deleting('addDateTimeToHlsFileName')
    const before = await kept(trial)
    await broadcast(trial)
    expect((await kept(trial)).store).toEqual(before.store)
    expect(await kept(trial)).toEqual(before)
    await broadcast(trial)
    await trial.clock.advance(5_000)
    expect(await trial.played('cam_360p800kbps.m3u8')).toHaveLength(3)
  })

  test('stays, and the run before with it, when its encoder comes back in time; then it goes with both', async () => {
    const trial = await amongOthers()
    const before = await kept(trial)
    await broadcast(trial)
    await trial.clock.advance(DELAY_MS - 1_000)
    await broadcast(trial, { mark: ' of run 2', hasEnd: false })
    await trial.clock.advance(GONE_MS)
    expect(await trial.recorded('cam_360p800kbps.m3u8')).toHaveLength(25)
    await broadcast(trial, { mark: ' of run 3' })
    await trial.clock.advance(DELAY_MS - 1_000)
    expect(await trial.recorded('cam_360p800kbps.m3u8')).toHaveLength(39)
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test.each([
    ['a segment', (trial: Trial) => trial.put('cam_360p800kbps000000077.m4s', 'news')],
    ['a body that still comes', (trial: Trial) => trial.begin('cam_720p2000kbps000000078.m4s').send('news')],
    [
      'its list again',
      (trial: Trial) => trial.put('cam_360p800kbps.m3u8', mediaList(11, ['cam_360p800kbps000000011.m4s'], END)),
    ],
  ])('begins its while anew with %s', async (_what, upload) => {
    const trial = await amongOthers()
    await broadcast(trial)
    await trial.clock.advance(DELAY_MS - 1_000)
    await upload(trial)
    await trial.clock.advance(DELAY_MS - 1_000)
    expect(await trial.served('cam_360p800kbps.m3u8')).toBeDefined()
  })

  test('goes though another whose files may look like its own goes on', async () => {
    const trial = await amongOthers()
    await broadcast(trial)
    for (let number = 4; number < 100; number++) {
      await trial.segments([`cam1${number}.ts`])
      await trial.put('cam1.m3u8', mediaList(number, [`cam1${number}.ts`]))
      await trial.clock.advance(2_000)
    }
    expect(await trial.served('cam_360p800kbps.m3u8')).toBeUndefined()
    expect(await trial.recorded('cam1.m3u8')).toHaveLength(100)
  })

  test('goes when silence has ended it', async () => {
    const stale = { afterMs: 30_000, action: 'end' } as const
    const trial = new Trial(stale, policies([]), undefined, {
      ...NOTHING_DELETED,
      onEnded: () => true,
      afterMs: DELAY_MS,
    })
    await trial.restart()
    await broadcast(trial, { hasEnd: false })
    await trial.clock.advance(30_000 + DELAY_MS - 1_000)
    expect(await trial.served('cam_360p800kbps.m3u8')).toContain(END)
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('goes when its server has ended it, and not before all its renditions have', async () => {
    const trial = await deleting()
    await trial.segments(['a_1p0.ts', 'a_2p0.ts'])
    await trial.put('a_1p.m3u8', mediaList(0, ['a_1p0.ts'], END))
    await trial.put('a_2p.m3u8', mediaList(0, ['a_2p0.ts']))
    await trial.clock.advance(GONE_MS)
    expect(await trial.served('a_1p.m3u8')).toBeDefined()
    await trial.finish('a')
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('goes after a restart of the receiver, which begins its while anew', async () => {
    const trial = await amongOthers()
    const before = await kept(trial)
    await broadcast(trial)
    await trial.clock.advance(DELAY_MS - 1_000)
    await trial.restart()
    await trial.clock.advance(DELAY_MS - 1_000)
    expect(await trial.served('cam_360p800kbps.m3u8')).toBeDefined()
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('goes after a restart when everything else had settled', async () => {
    const trial = await deleting('append_list', 10 * DELAY_MS)
    await broadcast(trial)
    await trial.clock.advance(8 * DELAY_MS)
    await trial.restart()
    await trial.clock.advance(9 * DELAY_MS)
    expect(await trial.served('cam_360p800kbps.m3u8')).toBeDefined()
    await trial.clock.advance(3 * DELAY_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('is there as long as its live list plays, at least', async () => {
    const trial = await deleting()
    const all = names('a', 60)
    await trial.segments(all)
    await trial.put('a.m3u8', mediaList(0, all, END))
    await trial.clock.advance(119_000)
    expect(await trial.served('a.m3u8')).toBeDefined()
    await trial.clock.advance(2_000)
    expect(await trial.served('a.m3u8')).toBeUndefined()
  })

  test('goes page by page', async () => {
    const trial = await deleting()
    await broadcast(trial, { count: 300 })
    const { store, journal } = trial
    const [remove, commit] = [store.delete.bind(store), journal.commit.bind(journal)]
    const pages: number[] = []
    let most = 0
    store.delete = (keys) => {
      pages.push(keys.length)
      return remove(keys)
    }
    journal.commit = (writes) => {
      most = Math.max(most, writes.length)
      return commit(writes)
    }
    await trial.clock.advance(700_000)
    expect(await storedNames(trial)).toEqual([])
    expect(pages.filter((length) => length > 0).length).toBeGreaterThan(3)
    expect(Math.max(...pages)).toBe(REMOVAL_PAGE)
    expect(most).toBeLessThan(7 * REMOVAL_PAGE)
  })

  test('stays where nothing else was said', async () => {
    const trial = new Trial()
    await broadcast(trial)
    await trial.clock.advance(10 * GONE_MS)
    expect(await trial.played('cam_360p800kbps.m3u8')).toHaveLength(3)
  })
})
