import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const BREAK = '#EXT-X-DISCONTINUITY'
const MAP = '#EXT-X-MAP:URI="init.mp4"'
const [a0 = '', a1 = '', a2 = '', a3 = ''] = names('a', 4)

function newRuns(trial: Trial): number {
  return trial.log.filter(({ event }) => event === 'new run').length
}

describe('P5: a new run of an encoder that writes no dates is served', () => {
  test('when nothing came of the run before but its init section', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init1')
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    await trial.put('init.mp4', 'init2')
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    expect(await trial.played(LIST)).toEqual([`- init2/${a0}`])
  })

  test('when its first lists were lost, and the next ones go on where the run before ended', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init1')
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    await trial.put('init.mp4', 'init2')
    await trial.segments([a1, a2])
    await trial.put(LIST, mediaList(1, [MAP, a1, a2]))
    expect(await trial.played(LIST)).toEqual([`- init2/${a1}`, `init2/${a2}`])
  })

  test('when its second segment overtook its first', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.segments([a1, a0], ' anew')
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
  })

  test('when its only list is as long as the one before, and overtook its last segment', async () => {
    const trial = new Trial()
    const list = mediaList(0, [a0, a1, a2, a3], END)
    await trial.segments([a0, a1, a2, a3])
    await trial.put(LIST, list)
    await trial.clock.advance(11_000)
    await trial.segments([a0, a1, a2], ' anew')
    await trial.put(LIST, list)
    await trial.segments([a3], ' anew')
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`, `${a2} anew`, `${a3} anew`])
  })
})

describe('P5: a new run is told by one segment', () => {
  test('when the list before had ended, and the receiver was down while the others came', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1], END))
    await trial.segments([a0, a2, a3], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3], END))
    expect(newRuns(trial)).toBe(1)
  })
})

describe('P5: with a single file', () => {
  const range = (text: string) => [`#EXT-X-BYTERANGE:${text}`, 'a.ts']

  test('a list that comes after the end is none of the run whose body begins then', async () => {
    const trial = new Trial()
    await trial.put('a.ts', '012345')
    await trial.put(LIST, mediaList(0, [...range('2@0'), ...range('2@2'), ...range('2@4')], END))
    await trial.put(LIST, mediaList(0, [...range('2@0'), ...range('2@2')]))
    const next = trial.begin('a.ts')
    await next.send('abcd')
    await trial.clock.advance(6_000)
    expect(newRuns(trial)).toBe(0)
    expect(await trial.played(LIST)).toEqual(['01', '23', '45'])
  })
})

describe('P5: no new run begins', () => {
  test('when a segment came twice, and an older list after the second time', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.segments([a2])
    expect(newRuns(trial)).toBe(0)
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
  })

  test('when a segment comes after its entry has left the list, and a version that ends with it after that', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.put(LIST, mediaList(2, [a2, a3]))
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(newRuns(trial)).toBe(0)
    expect(await trial.played(LIST)).toEqual([a2, a3])
  })

  test('when one segment is sent again, and the list after a long pause', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    await trial.segments([a3], ' repaired')
    await trial.clock.advance(11_000)
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    expect(newRuns(trial)).toBe(0)
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
  })

  test('when a list comes after the next one, which corrected its last duration', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2, a3])
    const corrected = mediaList(0, [a0, a1, a2, a3]).replace(`2.000000,\n${a2}`, `1.900000,\n${a2}`)
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.put(LIST, corrected)
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(6_000)
    expect(newRuns(trial)).toBe(0)
    expect(await trial.served(LIST)).toBe(corrected)
  })

  test('with a list that comes first and was sent after one that comes late', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    const late = trial.begin(LIST)
    await late.send(mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(1_000)
    await trial.segments([a0], ' anew')
    await trial.put(LIST, mediaList(0, [a0]))
    await late.end()
    await trial.segments([a1], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(newRuns(trial)).toBe(0)
    expect(await trial.played(LIST)).toEqual([`${a0} anew`, `${a1} anew`])
  })
})

test('P2: an encoder that appends fills no hole with what a life between sent, whose lists were all lost', async () => {
  const trial = new Trial()
  await trial.segments([a0, a2])
  await trial.put(LIST, mediaList(0, [a0, a1, a2]))
  await trial.clock.advance(16_000)
  await trial.segments([a0, a1], ' of the life between')
  await trial.readBack(LIST)
  await trial.segments([a3])
  await trial.put(LIST, mediaList(0, [a0, a1, a2, BREAK, a3]))
  await trial.clock.advance(6_000)
  const played = await trial.played(LIST)
  expect(played.filter((entry) => entry.includes('between'))).toEqual([])
  expect(played.at(-1)).toBe(`- ${a3}`)
})
