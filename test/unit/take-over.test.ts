import { describe, expect, test } from 'vitest'
import { policies } from '../../src/core/restart-policy.ts'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { dangling } from '../support/dangling.ts'
import { type SentRun, segmentName, sendRun } from '../support/sent-run.ts'
import { Trial } from '../support/trial.ts'

const PAUSE_MS = 120_000
/** Enough for the text of a run that goes on to be in the store. */
const LONG = 75

const PLAIN: SentRun = { list: 'cam.m3u8', prefix: 'cam', count: 8, isEnded: true }
const FMP4: SentRun = {
  list: 'cam_720p.m3u8',
  prefix: 'cam_720p',
  extension: 'm4s',
  init: 'cam_720p_init.mp4',
  keyEvery: 4,
  count: 9,
}
const ANEW = { mark: ' anew' }

const RUNS: Record<string, readonly [SentRun, SentRun]> = {
  'two runs, the second of which goes on': [PLAIN, { ...PLAIN, ...ANEW, count: LONG, isEnded: false }],
  'a run that is too young to have a text': [PLAIN, { ...PLAIN, ...ANEW, count: 9, isEnded: false }],
  'two runs that are over, with dates': [
    { ...PLAIN, isDated: true, isEnded: false },
    { ...PLAIN, ...ANEW, isDated: true },
  ],
  holes: [
    { ...PLAIN, count: 9, holes: [4, 8] },
    { ...PLAIN, ...ANEW, count: LONG, isEnded: false, holes: [0, 20, LONG - 2] },
  ],
  'a hole that the end of the list still shows': [PLAIN, { ...PLAIN, ...ANEW, count: 9, holes: [7] }],
  'fMP4 with keys, a rendition': [FMP4, { ...FMP4, ...ANEW, count: LONG, isEnded: true }],
  'in a folder': [
    { ...PLAIN, list: 'sub/cam.m3u8' },
    { ...PLAIN, ...ANEW, list: 'sub/cam.m3u8' },
  ],
}

/** All that can be read of a media playlist, but for what is shown to those who follow it. */
async function view(trial: Trial, list: string) {
  const now = trial.clock.now()
  const clip = (from: number, to: number) => trial.clip(list, { start: now - from, end: now - to }).catch(String)
  return {
    live: await trial.served(list),
    vod: await trial.recordedText(list),
    played: await trial.recorded(list),
    runs: await trial.runs(list),
    clips: [await clip(60_000, 30_000), await clip(20_000, 10_000), await clip(400_000, 100_000)],
  }
}

/** What is in the store besides playlists. */
async function files(trial: Trial): Promise<Map<string, string | undefined>> {
  const { keys } = await trial.store.list('live/streams/')
  const names = keys.map((key) => key.slice('live/streams/'.length)).filter((name) => !name.endsWith('.m3u8'))
  return new Map(await Promise.all(names.map(async (name) => [name, await trial.stored(name)] as const)))
}

describe.each(Object.entries(RUNS))('%s', (_what, [first, second]) => {
  const { list } = first
  const recorded = async () => {
    const trial = new Trial()
    await sendRun(trial, first)
    await trial.clock.advance(PAUSE_MS)
    await sendRun(trial, second)
    await trial.clock.advance(10_000)
    return trial
  }
  const takenOver = async () => {
    const trial = await recorded()
    const watch = new PlaylistWatch()
    watch.observe((await trial.served(list)) ?? '')
    const [played, before] = [await trial.recorded(list), await files(trial)]
    await trial.loseDisk()
    await trial.takeOver()
    /** P2, P3 and P4 at this moment. */
    const look = async () => {
      expect(watch.observe((await trial.served(list)) ?? '')).toEqual([])
      if (!list.includes('/')) expect(await dangling(trial, [list])).toEqual([])
      const now = await files(trial)
      for (const [name, text] of before) expect(now.get(name)).toBe(text)
    }
    await look()
    return { trial, played, look }
  }

  test('P5: is after a take-over as it was before', async () => {
    const trial = await recorded()
    const before = await view(trial, list)
    await trial.loseDisk()
    await trial.takeOver()
    expect(await view(trial, list)).toEqual(before)
    await trial.clock.advance(PAUSE_MS)
    expect((await view(trial, list)).vod).toEqual(before.vod)
    await trial.restart()
    expect((await view(trial, list)).vod).toEqual(before.vod)
  })

  test('P2, P3, P4, P5: an encoder that starts again begins a run behind all that was there', async () => {
    const { trial, played, look } = await takenOver()
    await trial.clock.advance(PAUSE_MS)
    const third = { ...first, mark: ' a third time', count: 6, isEnded: true, holes: [] }
    await sendRun(trial, third)
    await look()
    await trial.clock.advance(10_000)
    const now = await trial.recorded(list)
    expect(now.slice(0, played.length)).toEqual(played)
    expect(now.slice(played.length).map((entry) => entry.slice(entry.lastIndexOf('/') + 1))).toEqual(
      Array.from({ length: 6 }, (_, index) => expect.stringContaining(`${segmentName(third, index)} a third time`)),
    )
    expect(now[played.length]).toMatch(/^- /)
    expect(await trial.runs(list)).toHaveLength(3)
    await look()
  })

  test('P2, P3, P4, P5: an encoder that asks for its own words goes on from there', async () => {
    const { trial, played, look } = await takenOver()
    const own = await trial.readBack(list)
    const lines = (own ?? '').split('\n').filter((line) => line !== '' && line !== '#EXT-X-ENDLIST')
    const next = `${first.prefix}999999999.${first.extension ?? 'ts'}`
    await trial.clock.advance(2_000)
    const folder = list.slice(0, list.lastIndexOf('/') + 1)
    await trial.put(folder + next, 'appended')
    await trial.put(list, `${[...lines, '#EXT-X-DISCONTINUITY', '#EXTINF:2.000000,', next].join('\n')}\n`)
    await look()
    const now = await trial.recorded(list)
    expect(now.slice(0, played.length)).toEqual(played)
    expect(now.slice(played.length)).toEqual([expect.stringMatching(/^- .*appended$/)])
  })
})

test('P5: what no list is left to tell of is marked for those who follow the recording, and found by name in the whole one', async () => {
  const trial = new Trial()
  await sendRun(trial, { ...PLAIN, isEnded: false, count: 9 })
  await trial.clock.advance(10_000)
  const [live, lost] = [await trial.served(PLAIN.list), 'cam000000005.ts']
  await trial.loseDisk()
  await trial.store.delete([`live/streams/${lost}`])
  await trial.takeOver()
  expect(await trial.served(PLAIN.list)).toBe(live)
  const [vod, event] = [await trial.recorded(PLAIN.list), await trial.recordedText(PLAIN.list, 'event')]
  expect(vod).toEqual(['cam000000006.ts', 'cam000000007.ts', 'cam000000008.ts', 'cam000000009.ts'])
  const entries = readServed(event ?? '').entries.map(({ uri, isDiscontinuity }) =>
    isDiscontinuity ? `- ${uri}` : uri,
  )
  expect(entries).toEqual(['cam000000006.ts', 'cam000000007.ts', 'cam000000008.ts', 'cam000000009.ts'])
})

test('P5: a run that goes on has lost what its text had not yet, where that is not in the bucket', async () => {
  const trial = new Trial()
  const all = Array.from({ length: LONG }, (_, index) => segmentName(PLAIN, index))
  await sendRun(trial, { ...PLAIN, isEnded: false, count: LONG })
  await trial.clock.advance(10_000)
  const before = await trial.recordedText(PLAIN.list, 'event')
  await trial.loseDisk()
  const gone = all.at(-6) ?? ''
  await trial.store.delete([`live/streams/${gone}`])
  await trial.takeOver()
  const [vod, event] = [await trial.recorded(PLAIN.list), await trial.recordedText(PLAIN.list, 'event')]
  expect(vod).toEqual([...all.slice(0, -6), `- ${all.at(-3)}`, ...all.slice(-2)])
  const shown = readServed(event ?? '').entries
  expect(shown.filter(({ isDiscontinuity }) => isDiscontinuity).map(({ uri }) => uri)).toEqual(all.slice(-3, -2))
  expect(readServed(before ?? '').entries.length).toBeGreaterThan(shown.length)
})

test('P3, P5: where the names of files tell their run, it goes on under these', async () => {
  const trial = new Trial(NEVER_STALE, policies([{ policy: 'addDateTimeToHlsFileName' }]))
  await sendRun(trial, { ...PLAIN, isEnded: false, count: 20 })
  await trial.clock.advance(10_000)
  const [runs, names] = [await trial.runs(PLAIN.list), [...(await files(trial)).keys()]]
  await trial.loseDisk()
  await trial.takeOver()
  expect(await trial.runs(PLAIN.list)).toEqual(runs)
  await sendRun(trial, { ...PLAIN, isEnded: false, count: 22 }, 20)
  await trial.clock.advance(10_000)
  const next = [...(await files(trial)).keys()].filter((name) => !names.includes(name))
  const [dated = ''] = names
  expect(next).toEqual(['000000021.ts', '000000022.ts'].map((end) => dated.slice(0, -end.length) + end))
  expect(await trial.runs(PLAIN.list)).toEqual(runs)
  expect(await trial.recorded(PLAIN.list)).toHaveLength(22)
  await trial.clock.advance(PAUSE_MS)
  await sendRun(trial, { ...PLAIN, ...ANEW, count: 4 })
  expect(await trial.runs(PLAIN.list)).toHaveLength(2)
  expect(await trial.recorded(PLAIN.list)).toHaveLength(4)
})
