import { expect, test } from 'vitest'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { dangling } from '../support/dangling.ts'
import { type Random, seededRandom, seedOfRun } from '../support/random.ts'
import { type SentRun, sendRun } from '../support/sent-run.ts'
import { Trial } from '../support/trial.ts'

const HISTORIES = 40

/** What a history is made of. */
interface Habits {
  readonly like: Omit<SentRun, 'count'>
  readonly hasHoles: boolean
  /** The last run has come to its end, so that the store has its text. */
  readonly isOver: boolean
}

function someRun(random: Random, { like, hasHoles, isOver }: Habits, mark: string, isLast: boolean): SentRun {
  const count = random.next() < 0.15 ? random.whole(62, 90) : random.whole(isOver ? 1 : 2, 14)
  const holes = Array.from({ length: hasHoles && count > 3 ? random.whole(0, 2) : 0 }, () => random.whole(0, count - 1))
  const isEnded = isLast ? isOver : random.next() < 0.5
  return { ...like, count, window: random.whole(2, 6), mark, holes, isEnded }
}

async function history(random: Random): Promise<void> {
  const isFragmented = random.next() < 0.4
  const list = random.pick(['cam.m3u8', 'cam_720p.m3u8'])
  const like: Omit<SentRun, 'count'> = {
    list,
    prefix: list.replace('.m3u8', ''),
    first: random.pick([0, 1, 1, 500]),
    isDated: random.next() < 0.4,
    ...(isFragmented ? { extension: 'm4s', init: `${list.replace('.m3u8', '')}_init.mp4` } : {}),
    ...(random.next() < 0.3 ? { keyEvery: random.whole(1, 4) } : {}),
  }
  const hasHoles = random.next() < 0.5
  // What no text has is found by its name: not where names jump, nor of encrypted segments.
  const isOver = hasHoles || like.keyEvery !== undefined || random.next() < 0.3
  const trial = new Trial()
  const runs = random.whole(1, 4)
  for (let index = 1; index <= runs; index++) {
    await sendRun(trial, someRun(random, { like, hasHoles, isOver }, ` of ${index}`, index === runs))
    await trial.clock.advance(random.pick([70_000, 130_000, 600_000]))
  }
  const watch = new PlaylistWatch()
  const look = async () => {
    expect(watch.observe((await trial.served(list)) ?? '')).toEqual([])
    expect(await dangling(trial, [list])).toEqual([])
  }
  await look()
  // What is found by name has no date.
  const undated = (text = '') => (isOver ? text : text.replaceAll(/#EXT-X-PROGRAM-DATE-TIME.*\n/g, ''))
  const view = async () => [undated(await trial.recordedText(list)), await trial.served(list), await trial.runs(list)]
  const [before, played] = [await view(), await trial.recorded(list)]
  await trial.loseDisk()
  await trial.takeOver()
  await look()
  expect(await view()).toEqual(before)
  expect(await trial.recorded(list)).toEqual(played)
  await trial.clock.advance(random.pick([0, 70_000, 600_000]))
  await sendRun(trial, { ...like, count: random.whole(1, 9), mark: ' afterwards', isEnded: true })
  await trial.clock.advance(20_000)
  await look()
  const now = await trial.recorded(list)
  expect(now.slice(0, played.length)).toEqual(played)
  expect(now.slice(played.length).every((entry) => entry.endsWith(' afterwards'))).toBe(true)
  await trial.loseDisk()
  await trial.takeOver()
  await look()
  expect(await trial.recorded(list)).toEqual(now)
}

test('P2, P4, P5: whatever was recorded, it goes on', async () => {
  const seed = seedOfRun()
  for (let index = 0; index < HISTORIES; index++) {
    await history(seededRandom(seed + index)).catch((error: unknown) => {
      throw new Error(`SEED=${seed + index}`, { cause: error })
    })
  }
})
