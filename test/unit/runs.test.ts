import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const BREAK = '#EXT-X-DISCONTINUITY'
const MAP = '#EXT-X-MAP:URI="init.mp4"'
const SECONDS = 2
const [a0 = '', a1 = '', a2 = '', a3 = ''] = names('a', 4)
const noon = Date.UTC(2026, 10, 22, 12)

/** A list whose entries have dates; the first entry of the encoder's began at `base`. */
function dated(base: number, first: number, segments: readonly string[], ...foot: string[]): string {
  const entries = segments.flatMap((name, index) => {
    const date = new Date(base + (first + index) * SECONDS * 1000)
    return [`#EXT-X-PROGRAM-DATE-TIME:${date.toISOString()}`, name]
  })
  return mediaList(first, entries, ...foot)
}

describe('P5: what was recorded stays', () => {
  test('when a list that was sent before comes again long after the end', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, dated(noon, 0, [a0, a1]))
    await trial.put(LIST, dated(noon, 1, [a1, a2], END))
    await trial.clock.advance(11_000)
    await trial.put(LIST, dated(noon, 0, [a0, a1], END))
    await trial.clock.advance(3_000)
    expect(await trial.played(LIST)).toEqual([a1, a2])
  })

  test('when an encoder takes back its end, and goes on', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2], END))
    await trial.clock.advance(11_000)
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(3_000)
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
    await trial.segments([a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
  })

  test('when the duration of the newest segment is corrected; P4: it keeps the one it was served with', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    const before = mediaList(0, [a0, a1, a2])
    await trial.put(LIST, before)
    await trial.segments([a3])
    const after = mediaList(0, [a0, a1, a2, a3])
    await trial.put(LIST, after.replace(`#EXTINF:2.000000,\n${a2}`, `#EXTINF:1.900000,\n${a2}`))
    expect(await trial.served(LIST)).toBe(after)
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
  })

  test('when the list goes on after a correction, and one from before it comes late', async () => {
    const trial = new Trial()
    const [, , , , a4 = ''] = names('a', 5)
    const corrected = (list: string) => list.replace(`#EXTINF:2.000000,\n${a2}`, `#EXTINF:1.900000,\n${a2}`)
    await trial.segments([a0, a1, a2, a3, a4])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.put(LIST, corrected(mediaList(0, [a0, a1, a2, a3])))
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.put(LIST, corrected(mediaList(0, [a0, a1, a2, a3, a4])))
    await trial.clock.advance(SECONDS * 1000)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2, a3, a4]))
    expect(trial.log.filter(({ event }) => event === 'new run')).toEqual([])
  })

  test('when a discontinuity is written before an entry that was served without; P4: it stays without', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.put(LIST, mediaList(1, ['#EXT-X-DISCONTINUITY', a1, a2]))
    expect(await trial.served(LIST)).not.toContain('DISCONTINUITY')
    expect(await trial.played(LIST)).toEqual([a1, a2])
  })

  test('when the clock of the encoder is set right', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, dated(noon, 0, [a0, a1, a2]))
    await trial.segments([a3])
    await trial.put(LIST, dated(noon + 1_500, 0, [a0, a1, a2, a3]))
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
  })

  test('when somebody else reads the list while a segment comes', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0]))
    const upload = trial.begin(a1)
    await upload.send(a1)
    await trial.readBack(LIST)
    await upload.end()
    await trial.put(LIST, mediaList(0, [a0, BREAK, a1]))
    await trial.clock.advance(SECONDS * 1000)
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [a0, BREAK, a1, a2]))
    expect(await trial.played(LIST)).toEqual([a0, `- ${a1}`, a2])
  })
})

describe('P5: a new run is served', () => {
  test('when its init section came before the last list of the run before', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init1')
    await trial.segments([a0, a1])
    await trial.put(LIST, dated(noon, 0, [MAP, a0, a1]))
    await trial.put('init.mp4', 'init2')
    await trial.put(LIST, dated(noon, 0, [MAP, a0, a1], END))
    await trial.segments([a0], ' anew')
    await trial.put(LIST, dated(noon + 60_000, 0, [MAP, a0]))
    expect(await trial.played(LIST)).toEqual([`- init2/${a0} anew`])
  })

  test('when its list without dates is as long as the one before, most of which was lost, and came long ago', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(16_000)
    await trial.segments([a0], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
  })

  test('when its list is shorter, and its first segments came before those that were lost of the run before', async () => {
    const trial = new Trial()
    const all = names('a', 20)
    await trial.segments(all.slice(10))
    await trial.put(LIST, mediaList(0, all))
    await trial.clock.advance(6_000)
    await trial.segments(all.slice(0, 16), ' anew')
    await trial.put(LIST, mediaList(0, all.slice(0, 16)))
    await trial.clock.advance(SECONDS * 1000)
    const anew = all.slice(10, 16).map((name) => `${name} anew`)
    expect((await trial.played(LIST)).slice(-6)).toEqual(anew)
  })

  test('when the clock of its encoder is behind, and it left numbers out', async () => {
    const trial = new Trial()
    const all = names('a', 10)
    await trial.segments([a0, a1])
    await trial.put(LIST, dated(noon, 0, [a0, a1]))
    await trial.segments([a0, a1], ' anew')
    await trial.put(LIST, dated(noon + 60_000, 0, [a0, a1]))
    await trial.segments(all.slice(6, 8))
    await trial.put(LIST, dated(noon - 3_600_000, 6, all.slice(6, 8)))
    expect(await trial.played(LIST)).toEqual(['- a6.ts', 'a7.ts'])
  })
})

test('P3: entries keep their init section when the encoder appends with one of another name', async () => {
  const trial = new Trial()
  await trial.put('a_1_init.mp4', 'init1')
  await trial.segments([a0, a1])
  await trial.put(LIST, mediaList(0, ['#EXT-X-MAP:URI="a_1_init.mp4"', a0, a1], END))
  await trial.readBack(LIST)
  await trial.put('a_2_init.mp4', 'init2')
  await trial.segments([a2])
  await trial.put(LIST, mediaList(0, ['#EXT-X-MAP:URI="a_2_init.mp4"', a0, a1, BREAK, a2]))
  expect(await trial.played(LIST)).toEqual([`init1/${a0}`, `init1/${a1}`, `- init2/${a2}`])
})

test('P2: an encoder that appends gets nothing of what its earlier life left under the same name', async () => {
  const trial = new Trial()
  await trial.segments([a0])
  await trial.put(LIST, mediaList(0, [a0]))
  await trial.segments([a1], ' never named')
  await trial.readBack(LIST)
  await trial.put(LIST, mediaList(0, [a0, BREAK, a1]))
  expect(await trial.played(LIST)).toEqual([a0])
  await trial.segments([a1])
  expect(await trial.played(LIST)).toEqual([a0, `- ${a1}`])
})

test('P2: and neither when the receiver is restarted between its first question and its first list', async () => {
  const trial = new Trial()
  await trial.segments([a0])
  await trial.put(LIST, mediaList(0, [a0]))
  await trial.segments([a1], ' never named')
  await trial.readBack(LIST)
  await trial.restart()
  await trial.put(LIST, mediaList(0, [a0, BREAK, a1]))
  expect(await trial.played(LIST)).toEqual([a0])
  await trial.segments([a1])
  expect(await trial.played(LIST)).toEqual([a0, `- ${a1}`])
  await trial.restart()
  await trial.segments([a2, a3])
  await trial.put(LIST, mediaList(0, [a0, BREAK, a1, a2, BREAK, a3]))
  expect(await trial.played(LIST)).toEqual([a0, `- ${a1}`, a2, `- ${a3}`])
})

test('P5: what an encoder asks for while its list is made durable counts for its next list', async () => {
  const trial = new Trial()
  await trial.segments([a0, a1])
  await trial.put(LIST, mediaList(0, [a0]))
  const { commit } = trial.journal
  for (const hasAsked of [false, true]) {
    if (hasAsked) await trial.readBack(LIST)
    trial.journal.commit = async (writes) => {
      if (!writes.some(({ key }) => key.startsWith('p/'))) return commit(writes)
      trial.journal.commit = commit
      const done = commit(writes)
      await trial.readBack(LIST)
      return done
    }
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(trial.journal.get(`q/live/${LIST}`)).toBeDefined()
  }
  await trial.segments([a2])
  await trial.put(LIST, mediaList(0, [a0, a1, BREAK, a2]))
  expect(new TextDecoder().decode(trial.journal.get(`p/live/${LIST}`))).toContain('"appended"')
  expect(trial.journal.get(`q/live/${LIST}`)).toBeUndefined()
})
