import { describe, expect, test } from 'vitest'
import { dateTimeOf } from '../../src/core/archive/date-time.ts'
import type { RestartPolicy } from '../../src/core/restart-policy.ts'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'cam_720p.m3u8'
const BREAK = '#EXT-X-DISCONTINUITY'
const [a0 = '', a1 = '', a2 = ''] = names('cam_720p00', 3)

/** Two runs, a minute apart; the first left its list long ago. */
async function twoRuns(list = LIST): Promise<{ trial: Trial; first: string; second: string }> {
  const trial = new Trial()
  const folder = list.slice(0, list.lastIndexOf('/') + 1)
  const inFolder = (uris: readonly string[]) => uris.map((uri) => folder + uri)
  await trial.segments(inFolder([a0, a1, a2]))
  await trial.put(list, mediaList(0, [a0, a1]))
  await trial.put(list, mediaList(1, [a1, a2]))
  await trial.clock.advance(60_000)
  await trial.segments(inFolder([a0]), ' anew')
  await trial.put(list, mediaList(0, [a0]))
  const [first = '', second = ''] = await trial.runs(list)
  return { trial, first: folder + first, second: folder + second }
}

describe('the runs of a playlist', () => {
  test('are listed under names that tell when they began, over a restart too', async () => {
    const { trial, first, second } = await twoRuns()
    expect(first).toMatch(/^cam-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.\d{3}_720p\.m3u8$/)
    await trial.restart()
    expect(await trial.runs(LIST)).toEqual([first, second])
  })

  test('can be played one by one: what a run recorded, and nothing else', async () => {
    const { trial, first, second } = await twoRuns()
    expect(await trial.played(first)).toEqual([a0, a1, a2])
    expect(await trial.served(first)).toMatch(/#EXT-X-PLAYLIST-TYPE:VOD.+#EXT-X-ENDLIST\n$/s)
    expect(await trial.recorded(second)).toEqual([`${a0} anew`])
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2, `- ${a0} anew`])
  })

  test('are in the folder of their playlist', async () => {
    const { trial, first } = await twoRuns(`sub/${LIST}`)
    expect(await trial.played(first)).toEqual([a0, a1, a2].map((name) => `sub/${name}`))
  })

  test('P4: the newest one grows under its name, and ends with the next', async () => {
    const { trial, second } = await twoRuns()
    const watch = new PlaylistWatch()
    const look = async () => watch.observe((await trial.served(second)) ?? '')
    expect(await look()).toEqual([])
    await trial.segments([a1, a2], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await look()).toEqual([])
    await trial.put(LIST, mediaList(2, [a2]))
    expect(await look()).toEqual([])
    expect(await trial.served(second)).toMatch(/#EXT-X-PLAYLIST-TYPE:EVENT(?!.+#EXT-X-ENDLIST)/s)
    await trial.segments([a0], ' a third time')
    await trial.put(LIST, mediaList(0, [a0]))
    expect(await look()).toEqual([])
    expect(await trial.served(second)).toMatch(/#EXT-X-PLAYLIST-TYPE:VOD.+#EXT-X-ENDLIST/s)
    expect(await trial.played(second)).toEqual([a0, a1, a2].map((name) => `${name} anew`))
    expect(await trial.runs(LIST)).toHaveLength(3)
  })

  test('the newest one has ended when its playlist has', async () => {
    const { trial, second } = await twoRuns()
    await trial.put(LIST, mediaList(0, [a0], '#EXT-X-ENDLIST'))
    expect(await trial.served(second)).toBe(await trial.recordedText(second))
  })

  test('an encoder that appends goes on in its run', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.readBack(LIST)
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [a0, BREAK, a1]))
    const runs = await trial.runs(LIST)
    expect(runs).toHaveLength(1)
    expect(await trial.recorded(runs[0] ?? '')).toEqual([a0, `- ${a1}`])
  })

  test('P2: a hole of an earlier run is not filled with what the next one sent', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(30_000)
    await trial.segments([a0, a1], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1]))
    const [first = ''] = await trial.runs(LIST)
    expect(await trial.played(first)).toEqual([a0, 'GAP', a2])
  })

  test('keep the name that Ant Media Server gave them', async () => {
    const trial = new Trial()
    const list = 'cam-2026-11-22_12-00-00.000.m3u8'
    await trial.segments([a0])
    await trial.put(list, mediaList(0, [a0]))
    expect(await trial.runs(list)).toEqual([list])
    expect(await trial.played(list)).toEqual([a0])
  })

  test('of a playlist that was never sent, and a run that never was, are not found', async () => {
    const { trial } = await twoRuns()
    await expect(trial.runs('other.m3u8')).rejects.toMatchObject({ code: 'not-found' })
    expect(await trial.served('cam-2020-01-01_00-00-00.000_720p.m3u8')).toBeUndefined()
  })
})

test.each([
  ['UTC', '2026-03-29_00-59-59.007'],
  ['Europe/Berlin', '2026-03-29_01-59-59.007'],
  ['Asia/Kolkata', '2026-03-29_06-29-59.007'],
])('a date-time is written in the zone %s', (zone, text) => {
  expect(dateTimeOf(Date.UTC(2026, 2, 29, 0, 59, 59, 7), zone)).toBe(text)
})

test('a date-time at midnight has hour 00', () => {
  expect(dateTimeOf(Date.UTC(2026, 0, 1), 'UTC')).toBe('2026-01-01_00-00-00.000')
})

describe('the runs of a multivariant playlist', () => {
  const LISTS = ['cam_360p800kbps.m3u8', 'cam_240p500kbps.m3u8']
  const MASTER = 'cam_adaptive.m3u8'
  const text = ['#EXTM3U', ...LISTS.flatMap((list, at) => [`#EXT-X-STREAM-INF:BANDWIDTH=${at + 1}00000`, list])]

  /** Two runs; of the second only the first rendition came. */
  async function twoRunsOfTwo(policy: RestartPolicy): Promise<Trial> {
    const trial = new Trial(NEVER_STALE, () => policy)
    for (const mark of [' of run 1', ' of run 2']) {
      for (const list of mark === ' of run 1' ? LISTS : LISTS.slice(0, 1)) {
        const [segment = ''] = names(`${list.replace('.m3u8', '')}00000000`, 1, 1)
        await trial.segments([segment], mark)
        await trial.put(list, mediaList(1, [segment]))
        await trial.clock.advance(900)
      }
      await trial.put(MASTER, text.map((line) => `${line}\n`).join(''))
      await trial.clock.advance(90_000)
    }
    return trial
  }

  test('lead to the same run of each rendition that has one', async () => {
    const trial = await twoRunsOfTwo('append_list')
    const [first = '', second = '', ...others] = await trial.runs(MASTER)
    expect(others).toEqual([])
    const date = first.replace(/^cam-(.*)_adaptive.m3u8$/, '$1')
    expect(await trial.served(first)).toBe((await trial.served(MASTER))?.replaceAll('cam_', `cam-${date}_`))
    expect((await trial.served(second))?.match(/^cam.*$/gm)).toEqual([second.replace('_adaptive', '_360p800kbps')])
    expect(await trial.recordedText(second)).toContain('_360p800kbps.m3u8?playlist=vod\n')
    const [variant = ''] = (await trial.served(second))?.match(/^cam.*$/gm) ?? []
    expect(await trial.played(variant)).toEqual(['cam_360p800kbps000000001.ts of run 2'])
  })

  test('where they are kept apart, the recording is that of the newest', async () => {
    const trial = await twoRunsOfTwo('addDateTimeToHlsFileName')
    const [, second = ''] = await trial.runs(MASTER)
    expect(await trial.recordedText(MASTER)).toBe(await trial.recordedText(second))
  })

  test('are none under another date-time', async () => {
    const trial = await twoRunsOfTwo('append_list')
    expect(await trial.served('cam-2020-01-01_00-00-00.000_adaptive.m3u8')).toBeUndefined()
  })
})
