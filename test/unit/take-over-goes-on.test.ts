import { expect, test } from 'vitest'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { dangling } from '../support/dangling.ts'
import { type SentRun, segmentName, sendRun } from '../support/sent-run.ts'
import { mediaList, Trial } from '../support/trial.ts'

const RUN: SentRun = { list: 'cam.m3u8', prefix: 'cam', count: 20 }
const SENT = Array.from({ length: 30 }, (_, index) => segmentName(RUN, index))

/** Another receiver takes the place of one in the middle of a run; gives what watches the list from before on. */
async function takenOver(trial: Trial): Promise<() => Promise<void>> {
  await trial.clock.advance(2_000)
  const watch = new PlaylistWatch()
  const look = async () => expect(watch.observe((await trial.served(RUN.list)) ?? '')).toEqual([])
  await look()
  await trial.loseDisk()
  await trial.takeOver()
  await look()
  return look
}

test('P4, P5: an encoder that never stopped is followed as if nothing had been', async () => {
  const trial = new Trial()
  await sendRun(trial, RUN)
  const look = await takenOver(trial)
  await sendRun(trial, { ...RUN, count: 30 }, 20)
  await look()
  expect(await trial.recorded(RUN.list)).toEqual(SENT)
})

test('P4, P5: so is one that lists its segments by the URLs of their uploads', async () => {
  const trial = new Trial()
  const list = (from: number, to: number) =>
    mediaList(
      from,
      SENT.slice(from, to).map((name) => `http://receiver/live/hls-upload/${name}`),
    )
  for (let count = 1; count <= 20; count++) {
    await trial.segments(SENT.slice(count - 1, count))
    await trial.put(RUN.list, list(Math.max(0, count - 4), count))
  }
  const look = await takenOver(trial)
  await trial.segments(SENT.slice(20, 21))
  await trial.put(RUN.list, list(17, 21))
  await look()
  expect(await trial.recorded(RUN.list)).toEqual(SENT.slice(0, 21))
})

test('P5: what came to nobody meanwhile is a hole', async () => {
  const trial = new Trial()
  await sendRun(trial, RUN)
  const look = await takenOver(trial)
  await trial.segments(SENT.slice(24, 26))
  await trial.put(RUN.list, mediaList(22, SENT.slice(21, 26)))
  await trial.clock.advance(5_000)
  await look()
  const lost = ['- GAP', 'GAP', 'GAP']
  expect(await trial.recorded(RUN.list)).toEqual([...SENT.slice(0, 20), ...lost, ...SENT.slice(24, 26)])
})

test('P2, P4, P5: one that had started over, and never stopped, begins a run with the first segment that came here', async () => {
  const trial = new Trial()
  await sendRun(trial, { ...RUN, count: 13, isEnded: true })
  await trial.clock.advance(120_000)
  const again = { ...RUN, mark: ' anew' }
  await sendRun(trial, again)
  const before = await trial.recorded(RUN.list)
  const look = await takenOver(trial)
  await sendRun(trial, { ...again, count: 25 }, 20)
  await look()
  await trial.clock.advance(5_000)
  await look()
  expect(await dangling(trial, [RUN.list])).toEqual([])
  const [first = '', ...more] = SENT.slice(20, 25).map((name) => `${name} anew`)
  expect(await trial.recorded(RUN.list)).toEqual([...before, `- ${first}`, ...more])
})
