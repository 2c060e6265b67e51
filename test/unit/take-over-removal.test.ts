import { expect, test } from 'vitest'
import { deleting, GONE_MS } from '../support/going-stream.ts'
import { storedNames } from '../support/kept.ts'
import { sendRun } from '../support/sent-run.ts'
import { mediaList } from '../support/trial.ts'

const FMP4 = { list: 'cam.m3u8', prefix: 'cam', extension: 'm4s', init: 'cam_init.mp4', count: 9 }

test('what was taken up goes as what was recorded here, with the texts of its runs; nothing of others does', async () => {
  const trial = await deleting('append_list', 10 * GONE_MS)
  await sendRun(trial, { ...FMP4, isEnded: true })
  await trial.clock.advance(120_000)
  await sendRun(trial, { ...FMP4, mark: ' anew', count: 75 })
  await trial.segments(['other1.ts'])
  await trial.put('other.m3u8', mediaList(0, ['other1.ts']))
  await trial.clock.advance(10_000)
  await trial.loseDisk()
  await trial.takeOver()
  const taken = await storedNames(trial)
  expect(taken.filter((name) => /^cam-.*\.m3u8$/.test(name))).toHaveLength(2)
  await trial.clock.advance(GONE_MS)
  expect(await storedNames(trial)).toEqual(taken)
  await sendRun(trial, { ...FMP4, mark: ' a third time', isEnded: true })
  await trial.clock.advance(11 * GONE_MS)
  expect(await storedNames(trial)).toEqual(['other.m3u8', 'other1.ts'])
})
