import { describe, expect, test } from 'vitest'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'cam.m3u8'
const [c0 = '', c1 = '', c2 = ''] = names('cam', 3)

const dating = () => new Trial(NEVER_STALE, () => 'addDateTimeToHlsFileName')

/** The last parts of what a served playlist names. */
async function named(trial: Trial, list: string): Promise<string[]> {
  const text = (await trial.served(list)) ?? ''
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

async function push(trial: Trial, list: readonly string[], mark: string): Promise<void> {
  await trial.segments(list, mark)
  await trial.put(LIST, mediaList(0, list))
}

describe('addDateTimeToHlsFileName made here', () => {
  test('the files of a run have its date-time in their names, and the run its playlist', async () => {
    const trial = dating()
    await push(trial, [c0, c1], '')
    const [run = ''] = await trial.runs(LIST)
    const stem = run.replace('.m3u8', '')
    expect(stem).toMatch(/^cam-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.\d{3}$/)
    expect(await named(trial, LIST)).toEqual([`${stem}0.ts`, `${stem}1.ts`])
    expect(await trial.played(LIST)).toEqual([c0, c1])
  })

  test('P3: each run has its own date-time; the plain name plays the newest, and its recording is of that alone', async () => {
    const trial = dating()
    await push(trial, [c0, c1], ' of run 1')
    await trial.clock.advance(90_000)
    await push(trial, [c0], ' of run 2')
    const [first = '', second = ''] = await trial.runs(LIST)
    expect(await named(trial, LIST)).toEqual([second.replace('.m3u8', '0.ts')])
    expect(await trial.recorded(LIST)).toEqual([`${c0} of run 2`])
    expect(await trial.recorded(first)).toEqual([`${c0} of run 1`, `${c1} of run 1`])
    expect(await trial.recorded(second)).toEqual([`${c0} of run 2`])
  })

  test('an encoder that appends goes on in its run', async () => {
    const trial = dating()
    await push(trial, [c0, c1], '')
    await trial.clock.advance(90_000)
    await trial.readBack(LIST)
    await trial.segments([c2])
    await trial.put(LIST, mediaList(0, [c0, c1, '#EXT-X-DISCONTINUITY', c2]))
    expect(await trial.runs(LIST)).toHaveLength(1)
    const [run = ''] = await trial.runs(LIST)
    expect(await named(trial, LIST)).toContain(run.replace('.m3u8', '2.ts'))
  })

  test('all renditions and the init sections of a run have one date-time', async () => {
    const trial = dating()
    const lists = ['cam_360p800kbps', 'cam_240p500kbps']
    for (const run of [1, 2]) {
      for (const list of lists) await trial.segments([`${list}_init.mp4`, `${list}000000001.m4s`], ` of run ${run}`)
      for (const list of lists) {
        const map = `#EXT-X-MAP:URI="${list}_init.mp4"`
        await trial.put(`${list}.m3u8`, mediaList(1, [map, `${list}000000001.m4s`]))
        await trial.clock.advance(700)
      }
      await trial.clock.advance(90_000)
    }
    const runs = await Promise.all(lists.map((list) => trial.runs(`${list}.m3u8`)))
    const times = runs.map((each) => each.map((run) => run.replace(/_\d+p\d+kbps.*/, '')))
    expect(times[0]).toHaveLength(2)
    expect(times[1]).toEqual(times[0])
    for (const list of lists) expect((await named(trial, `${list}.m3u8`))[0]).toContain(times[0]?.[1])
  })

  test('it is remembered over a restart of the receiver', async () => {
    const trial = dating()
    await push(trial, [c0, c1], '')
    await trial.restart()
    await push(trial, [c0, c1, c2], '')
    const [run = '', ...others] = await trial.runs(LIST)
    expect(others).toEqual([])
    expect(await named(trial, LIST)).toContain(run.replace('.m3u8', '2.ts'))
  })

  test('names that have a date-time already are left as they are', async () => {
    const trial = dating()
    const name = 'cam-2026-11-22_10-00-00.000'
    await trial.segments([`${name}000000001.ts`])
    await trial.put(`${name}.m3u8`, mediaList(1, [`${name}000000001.ts`]))
    expect(await named(trial, `${name}.m3u8`)).toEqual([`${name}000000001.ts`])
  })
})
