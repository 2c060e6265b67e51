import { describe, expect, test } from 'vitest'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { all, expectBoth, grow, LIST, LONG } from '../support/long-list.ts'
import { mediaList, Trial } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'

describe('uploads of a long list that overlap in time', () => {
  test('the older one changes nothing when it ends later', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    const older = trial.begin(LIST)
    await older.send(mediaList(0, all.slice(0, LONG)))
    await grow(trial, LONG, LONG + 40)
    await older.end()
    await expectBoth(trial, mediaList(0, all.slice(0, LONG + 40)))
  })

  test('the newer one counts when it began earlier, and more was sealed meanwhile', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    const newest = mediaList(0, all.slice(0, LONG + 41), END)
    const newer = trial.begin(LIST)
    await newer.send(newest.slice(0, newest.length / 2))
    await grow(trial, LONG, LONG + 40)
    await trial.segments(all.slice(LONG + 40, LONG + 41))
    await newer.send(newest.slice(newest.length / 2))
    await newer.end()
    await expectBoth(trial, newest)
  })

  test('P1: an acknowledged version is not lost when the chunks that it was compared with were replaced', async () => {
    const trial = new Trial()
    const early = mediaList(0, all.slice(0, LONG + 2))
    const first = trial.begin(LIST)
    await first.send(early.slice(0, 100))
    await grow(trial, 0, LONG)
    const last = trial.begin(LIST)
    const lastText = mediaList(0, all.slice(0, LONG + 3), END)
    await last.send(lastText)
    await trial.segments(all.slice(LONG, LONG + 3))
    await first.send(early.slice(100))
    await first.end()
    expect(await last.end()).toBe('replaced')
    await expectBoth(trial, lastText)
  })
})

test('P4: a new run that begins with the very text that is sealed has all its entries behind the joint', async () => {
  const trial = new Trial()
  const watch = new PlaylistWatch()
  await grow(trial, 0, LONG)
  watch.observe((await trial.served(LIST)) ?? '')
  const [last = ''] = all.slice(LONG - 2)
  await trial.segments([last], ' anew')
  const text = mediaList(0, all.slice(0, LONG)).replace(`2.000000,\n${last}`, `1.000000,\n${last}`)
  await trial.put(LIST, text)
  await trial.clock.advance(30_000)
  const served = (await trial.served(LIST)) ?? ''
  expect(watch.observe(served)).toEqual([])
  expect(served).toContain(`#EXT-X-MEDIA-SEQUENCE:${LONG}\n`)
  expect(readServed(served).entries).toHaveLength(LONG - 1)
})
