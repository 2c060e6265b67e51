import { describe, expect, test } from 'vitest'
import { SEAL_AT_ENTRIES, SEAL_KEEP_ENTRIES } from '../../src/core/limits.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const FILE = 'all.ts'
const COUNT = 3 * SEAL_AT_ENTRIES
const BREAK = '#EXT-X-DISCONTINUITY'
const MAP = '#EXT-X-MAP:URI="init.mp4"'
const KEY = '#EXT-X-KEY:METHOD=AES-128,URI="k.key"'
const all = names('a', COUNT)

/** Uploads ever longer lists, each with its segment before it. */
async function grow(trial: Trial, from: number, to: number, listOf: (count: number) => string): Promise<void> {
  for (let count = from; count <= to; count++) {
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, listOf(count))
  }
}

describe('what was said above the seal holds behind it', () => {
  test('byte ranges without an offset go on', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    const bytes = Array.from({ length: COUNT }, (_, index) => String(1000 + index))
    const entry = (index: number) => `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:4${index === 0 ? '@0' : ''}\n${FILE}`
    for (let count = 1; count <= COUNT; count++) {
      await upload.send(bytes[count - 1] ?? '')
      if (count === 50) await trial.put('other.ts', 'no matter')
      await trial.put(
        LIST,
        mediaList(
          0,
          Array.from({ length: count }, (_, index) => entry(index)),
        ),
      )
      expect((await trial.played(LIST)).at(-1)).toBe(bytes[count - 1])
    }
    expect(await trial.played(LIST)).toEqual(bytes)
    await upload.end()
    expect(await trial.played(LIST)).toEqual(bytes)
  })

  test('the init section and the key', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init')
    await trial.put('k.key', 'key')
    const listOf = (count: number) => mediaList(0, [MAP, KEY, ...all.slice(0, count)])
    await grow(trial, 1, COUNT, listOf)
    await trial.restart()
    expect(await trial.served(LIST)).toBe(listOf(COUNT))
    expect(await trial.played(LIST)).toEqual(all.map((name) => `key key/init/${name}`))
  })

  test('P2: an init section is awaited although the line that names it is sealed', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'one')
    const listOf = (count: number) => mediaList(0, [MAP, ...all.slice(0, count)])
    await grow(trial, 1, COUNT - 2, listOf)
    await trial.segments(all.slice(COUNT - 2, COUNT))
    await trial.put(LIST, listOf(COUNT))
    expect(await trial.served(LIST)).toBe(listOf(COUNT))
  })

  test('P3: an init section and a key that came anew, with lines of their own at the joint', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'one')
    await trial.put('k.key', 'k1')
    const joint = SEAL_AT_ENTRIES - SEAL_KEEP_ENTRIES / 2
    const listOf = (count: number) =>
      mediaList(0, [MAP, KEY, ...all.slice(0, joint), ...(count > joint ? [BREAK] : []), ...all.slice(joint, count)])
    await grow(trial, 1, joint, listOf)
    await trial.put('init.mp4', 'two')
    await trial.put('k.key', 'k2')
    await grow(trial, joint + 1, COUNT, listOf)
    await trial.restart()
    await trial.put(LIST, `${listOf(COUNT)}#EXT-X-ENDLIST\n`)
    const expected = all.map((name, index) => {
      if (index < joint) return `key k1/one/${name}`
      return `${index === joint ? '- ' : ''}key k2/two/${name}`
    })
    expect(await trial.played(LIST)).toEqual(expected)
    const text = (await trial.served(LIST)) ?? ''
    expect(text.match(/#EXT-X-MAP/g)).toHaveLength(2)
    expect(text.match(/#EXT-X-KEY/g)).toHaveLength(2)
    expect(await trial.readBack(LIST)).toBe(`${listOf(COUNT)}#EXT-X-ENDLIST\n`)
  })

  test('the end of encryption', async () => {
    const trial = new Trial()
    await trial.put('k.key', 'key')
    const listOf = (count: number) =>
      mediaList(0, [KEY, ...all.slice(0, 2), ...(count > 2 ? ['#EXT-X-KEY:METHOD=NONE'] : []), ...all.slice(2, count)])
    await grow(trial, 3, COUNT, (count) => listOf(count))
    await trial.segments(all.slice(0, 2))
    expect((await trial.played(LIST)).at(-1)).toBe(all.at(-1))
    expect(await trial.served(LIST)).toBe(listOf(COUNT))
  })
})

test('P4: discontinuities and dates over the seal stay where they were written', async () => {
  const trial = new Trial()
  const entry = (name: string, index: number) =>
    [
      ...(index % 10 === 9 ? [BREAK] : []),
      '#EXTINF:2.000000,',
      `#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:0${Math.floor(index / 30)}:${10 + ((2 * index) % 50)}.000+0000`,
      ...(index % 7 === 0
        ? [`#EXT-X-DATERANGE:ID="${index}",START-DATE="2026-11-22T18:00:00Z"`, '# a comment', '']
        : []),
      name,
    ].join('\n')
  const listOf = (count: number) =>
    mediaList(
      0,
      all.slice(0, count).map((name, index) => (entry(name, index).startsWith('#') ? entry(name, index) : name)),
    )
  await grow(trial, 1, COUNT, listOf)
  expect(await trial.readBack(LIST)).toBe(listOf(COUNT))
  expect(await trial.served(LIST)).toBe(listOf(COUNT))
})
