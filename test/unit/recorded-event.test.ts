import { expect, test } from 'vitest'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'

/** Sends segments with a list that shows the last two. */
async function slide(trial: Trial, all: readonly string[], from = 0, ...foot: readonly string[]): Promise<void> {
  for (let count = from + 1; count <= all.length; count++) {
    const first = Math.max(0, count - 2)
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, mediaList(first, all.slice(first, count), ...(count === all.length ? foot : [])))
  }
}

/** The event's type, its number, and its lines that are no tags. */
async function event(trial: Trial, name = LIST): Promise<{ type: string; hasEnd: boolean; uris: string[] }> {
  const lines = ((await trial.recordedText(name, 'event')) ?? '').split('\n')
  const type = lines.find((line) => line.startsWith('#EXT-X-PLAYLIST-TYPE:')) ?? ''
  return {
    type: type.slice('#EXT-X-PLAYLIST-TYPE:'.length),
    hasEnd: lines.includes(END),
    uris: lines.filter((line) => line !== '' && !line.startsWith('#')),
  }
}

test('P5: the event has all that was served, however short the live list, and grows until its encoder ends it', async () => {
  const trial = new Trial()
  const all = names('a', 6)
  await slide(trial, all.slice(0, 4))
  expect(await event(trial)).toEqual({ type: 'EVENT', hasEnd: false, uris: all.slice(0, 4) })
  await slide(trial, all, 4, END)
  expect(await event(trial)).toEqual({ type: 'VOD', hasEnd: true, uris: all })
})

test('P4: an encoder that starts over goes on behind, and a segment that no list named moves nothing', async () => {
  const trial = new Trial()
  const all = names('a', 3)
  await slide(trial, all)
  // Its list never comes.
  await trial.segments(['a3.ts'])
  await trial.clock.advance(120_000)
  await trial.segments(['a0.ts'], 'again')
  await trial.put(LIST, mediaList(0, ['a0.ts']))
  const { uris } = await event(trial)
  expect(uris.slice(0, 3)).toEqual(all)
  expect(uris).toHaveLength(4)
  expect(await trial.recorded(LIST)).toHaveLength(5)
})

test('P4: a hole is filled where it stands', async () => {
  const trial = new Trial()
  await trial.segments(['a0.ts', 'a2.ts'])
  await trial.put(LIST, mediaList(0, names('a', 3)))
  await trial.clock.advance(3_000)
  const gaps = async () => ((await trial.recordedText(LIST, 'event')) ?? '').split('#EXT-X-GAP').length - 1
  expect([await gaps(), (await event(trial)).uris]).toEqual([1, names('a', 3)])
  await trial.segments(['a1.ts'])
  await trial.clock.advance(2_000)
  expect([await gaps(), (await event(trial)).uris]).toEqual([0, names('a', 3)])
})

test('P4: a hole that has left the live list stays, though the recording is filled', async () => {
  const trial = new Trial()
  const all = names('a', 6)
  await trial.segments(['a0.ts', 'a2.ts'])
  await trial.put(LIST, mediaList(0, all.slice(0, 3)))
  await trial.clock.advance(3_000)
  await slide(trial, all, 3)
  await trial.segments(['a1.ts'])
  const gaps = async (form: 'vod' | 'event') =>
    ((await trial.recordedText(LIST, form)) ?? '').split('#EXT-X-GAP').length - 1
  expect([await gaps('vod'), await gaps('event')]).toEqual([0, 1])
})

test('the event of a multivariant playlist leads to those of its renditions', async () => {
  const trial = new Trial()
  await slide(trial, names('a', 2))
  await trial.put('all.m3u8', `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LIST}\n`)
  expect((await event(trial, 'all.m3u8')).uris).toEqual([`${LIST}?playlist=event`])
})

test('where runs are kept apart, the event is that of the newest run', async () => {
  const trial = new Trial(
    NEVER_STALE,
    policies([{ policy: 'addDateTimeToHlsFileName', app: undefined, stream: undefined }]),
  )
  await slide(trial, names('a', 3), 0, END)
  await trial.clock.advance(120_000)
  await trial.segments(['a0.ts'], 'again')
  await trial.put(LIST, mediaList(0, ['a0.ts']))
  expect(await event(trial)).toMatchObject({ type: 'EVENT', uris: [expect.stringMatching(/^a-\d{4}-/)] })
})

test('what nobody uploaded has no event', async () => {
  expect(await new Trial().recordedText('none.m3u8', 'event')).toBeUndefined()
})
