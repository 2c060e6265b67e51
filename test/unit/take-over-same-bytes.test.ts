import { expect, test } from 'vitest'
import { HASH_WAIT_MS } from '../../src/core/limits.ts'
import { mediaList, Trial } from '../support/trial.ts'

const FILES = ['init.mp4', 'a0.m4s', 'a1.m4s']
const LIST = mediaList(0, ['#EXT-X-MAP:URI="init.mp4"', 'a0.m4s', 'a1.m4s'])

async function takenOver(): Promise<Trial> {
  const trial = new Trial()
  await trial.segments(FILES)
  await trial.put('a.m3u8', LIST)
  await trial.clock.advance(10_000)
  await trial.loseDisk()
  await trial.takeOver()
  return trial
}

const keysOf = async (trial: Trial) => (await trial.store.list('')).keys

test('the same bytes again are known as such, though another receiver took them', async () => {
  const trial = await takenOver()
  const before = await keysOf(trial)
  for (const name of FILES) expect(await trial.put(name, name)).toBe('same')
  expect(await keysOf(trial)).toEqual(before)
  expect(await trial.put('a0.m4s', 'others')).toBe('created')
  expect(await trial.stored('a0.m4s')).toBe('a0.m4s')
})

test('an init section that is sent again does not make a run of its own', async () => {
  const trial = await takenOver()
  await trial.put('init.mp4', 'init.mp4')
  await trial.put('a2.m4s', 'a2.m4s')
  await trial.put('a.m3u8', mediaList(0, ['#EXT-X-MAP:URI="init.mp4"', 'a0.m4s', 'a1.m4s', 'a2.m4s']))
  expect(await trial.recorded('a.m3u8')).toEqual(['init.mp4/a0.m4s', 'init.mp4/a1.m4s', 'init.mp4/a2.m4s'])
})

test('P1, P3: where the bucket does not answer, the upload is taken under another name', async () => {
  const trial = await takenOver()
  const { get, head } = trial.store
  Object.assign(trial.store, { get: () => new Promise(() => undefined), head: () => new Promise(() => undefined) })
  const upload = trial.put('a0.m4s', 'a0.m4s')
  await trial.clock.advance(HASH_WAIT_MS)
  expect(await upload).toBe('created')
  Object.assign(trial.store, { get, head })
  expect(await trial.stored('a0.m4s')).toBe('a0.m4s')
})
