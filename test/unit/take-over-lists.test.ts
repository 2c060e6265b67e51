import { expect, test } from 'vitest'
import { MULTIVARIANT_WAIT_MS } from '../../src/core/limits.ts'
import { publish } from '../support/renditions.ts'
import { sendRun } from '../support/sent-run.ts'
import { mediaList, Trial } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const DATED = ['cam-2026-11-22_10-00-00.000', 'cam-2026-11-22_11-00-00.000'] as const
const VARIANTS = ['cam_240p.m3u8', 'cam_480p.m3u8']

async function takeOver(trial: Trial): Promise<void> {
  await trial.clock.advance(10_000)
  await trial.loseDisk()
  await trial.takeOver()
  await trial.clock.advance(10_000)
}

test('P5: lists that their encoder dates are those of their stream, and the plain name leads to the newest', async () => {
  const trial = new Trial()
  for (const name of DATED) {
    await sendRun(trial, { list: `${name}.m3u8`, prefix: name, count: 5, window: 5, isEnded: true })
    await trial.clock.advance(60_000)
  }
  const view = async () => ({
    runs: await trial.runs('cam.m3u8'),
    newest: trial.receiver.origin.dated('live', 'cam.m3u8'),
    recorded: await Promise.all(DATED.map((name) => trial.recordedText(`${name}.m3u8`))),
    served: await Promise.all(DATED.map((name) => trial.served(`${name}.m3u8`))),
    own: await trial.runs(`${DATED[0]}.m3u8`),
  })
  const before = await view()
  expect(before.newest).toBe(`${DATED[1]}.m3u8`)
  await takeOver(trial)
  expect(await view()).toEqual(before)
})

test('a list of that form beside one without a date is a list of its own unless a receiver wrote it', async () => {
  const trial = new Trial()
  const others = [`${DATED[0]}.m3u8`, 'cam-2026-11-22_12-00-00.m3u8']
  await trial.segments(['cam1.ts', 'x1.ts', 'y1.ts'])
  await trial.put('cam.m3u8', mediaList(7, ['cam1.ts'], END))
  await trial.put(others[0] ?? '', mediaList(0, ['x1.ts'], END))
  // As libavformat begins lists of all of a stream, and receivers those of runs.
  await trial.put(others[1] ?? '', mediaList(0, ['#EXT-X-PLAYLIST-TYPE:EVENT', 'y1.ts'], END))
  await takeOver(trial)
  expect(await trial.recorded('cam.m3u8')).toEqual(['cam1.ts'])
  expect(await Promise.all(others.map((name) => trial.recorded(name)))).toEqual([['x1.ts'], ['y1.ts']])
})

test('a multivariant playlist that was uploaded is served as it was, and its runs are known', async () => {
  const trial = new Trial()
  await publish(trial, VARIANTS)
  const text = `#EXTM3U\n${VARIANTS.map((name) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${name}\n`).join('')}`
  for (const name of ['cam_adaptive.m3u8', 'master.m3u8']) await trial.put(name, text)
  const view = async () => ({
    served: await trial.served('cam_adaptive.m3u8'),
    master: await trial.served('master.m3u8'),
    vod: await trial.recordedText('cam_adaptive.m3u8'),
    runs: await trial.runs('master.m3u8'),
  })
  const before = await view()
  expect(before.master).toBe(text)
  expect(before.runs).toHaveLength(1)
  await takeOver(trial)
  await trial.clock.advance(MULTIVARIANT_WAIT_MS)
  expect(await view()).toEqual(before)
})

test('one that was made is made again', async () => {
  const trial = new Trial()
  await publish(trial, VARIANTS)
  await trial.clock.advance(10_000)
  const [served, stored] = [await trial.served('cam_adaptive.m3u8'), await trial.stored('cam_adaptive.m3u8')]
  expect(stored).toBe(served)
  await takeOver(trial)
  expect(await trial.served('cam_adaptive.m3u8')).toBe(served)
  await publish(trial, ['cam_720p.m3u8'])
  await trial.clock.advance(10_000)
  expect(await trial.stored('cam_adaptive.m3u8')).toContain('cam_720p.m3u8')
})

test('P4, P5: a list that only grows has all of its run, and goes on', async () => {
  const trial = new Trial()
  const all = Array.from({ length: 40 }, (_, index) => `cam${index}.ts`)
  const grow = async (from: number, to: number) => {
    for (let count = from; count <= to; count++) {
      await trial.clock.advance(2_000)
      await trial.segments(all.slice(count - 1, count))
      await trial.put('cam.m3u8', mediaList(0, ['#EXT-X-PLAYLIST-TYPE:EVENT', ...all.slice(0, count)]))
    }
  }
  await grow(1, 30)
  const before = [await trial.served('cam.m3u8'), await trial.recordedText('cam.m3u8')]
  await takeOver(trial)
  expect([await trial.served('cam.m3u8'), await trial.recordedText('cam.m3u8')]).toEqual(before)
  await grow(31, 40)
  expect(await trial.played('cam.m3u8')).toEqual(all)
  expect(await trial.recorded('cam.m3u8')).toEqual(all)
})
