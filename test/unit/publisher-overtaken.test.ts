import { expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'

test('P1: a version of a long list that was replaced twice meanwhile is taken, or refused, never dropped in silence', async () => {
  const trial = new Trial()
  const all = names('a', 100)
  await trial.segments(all)
  for (let count = 1; count <= 96; count++) await trial.put(LIST, mediaList(0, all.slice(0, count)))
  const last = mediaList(0, all, END)
  const upload = trial.begin(LIST)
  await upload.send(last)
  await trial.put(LIST, mediaList(1, all.slice(1, 98)))
  await trial.put(LIST, mediaList(2, all.slice(2, 99)))
  await expect(upload.end()).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(trial.log).toContainEqual(expect.objectContaining({ level: 'warn', event: 'playlist overtaken' }))
})
