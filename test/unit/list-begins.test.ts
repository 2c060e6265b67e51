import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const KEY = '#EXT-X-KEY:METHOD=AES-128,URI="a.key",IV=0x00000000000000000000000000000001'
const [a0 = '', a1 = '', a2 = '', a3 = '', a4 = ''] = names('a', 5)

function firstNumber(list: string | undefined): string | undefined {
  return /#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(list ?? '')?.[1]
}

describe('P4: EXT-X-MEDIA-SEQUENCE never goes back', () => {
  test('when a list goes further and begins earlier: what stands before is left out, over a restart too', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2, a3, a4])
    await trial.put(LIST, mediaList(1, [a1, a2]))
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    expect(await trial.served(LIST)).toBe(mediaList(1, [a1, a2, a3]))
    await trial.restart()
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3, a4]))
    expect(await trial.served(LIST)).toBe(mediaList(1, [a1, a2, a3, a4]))
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0, a1, a2, a3, a4]))
  })

  test('and its init section and key hold on from what is left out', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init')
    await trial.put('a.key', 'key')
    await trial.segments([a0, a1, a2, a3])
    const map = '#EXT-X-MAP:URI="init.mp4"'
    await trial.put(LIST, mediaList(2, [map, KEY, a2]))
    await trial.put(LIST, mediaList(0, [map, a0, KEY, a1, a2, a3]))
    expect(await trial.played(LIST)).toEqual([a2, a3].map((name) => `key key/init/${name}`))
    await trial.restart()
    expect(await trial.recorded(LIST)).toEqual([a2, a3].map((name) => `key key/init/${name}`))
  })

  test('when a long list that only grows begins earlier', async () => {
    const trial = new Trial()
    const all = names('a', 120)
    await trial.segments(all)
    for (let end = 20; end < 60; end += 10) await trial.put(LIST, mediaList(5, all.slice(5, end)))
    for (let end = 60; end <= 120; end += 10) await trial.put(LIST, mediaList(0, all.slice(0, end)))
    expect(firstNumber(await trial.served(LIST))).toBe('5')
    expect(await trial.played(LIST)).toEqual(all.slice(5))
    expect(await trial.recorded(LIST)).toEqual(all.slice(5))
  })

  test('when a list without entries has a higher one than the first that has some', async () => {
    const trial = new Trial()
    await trial.put(LIST, mediaList(5, []))
    expect(firstNumber(await trial.served(LIST))).toBe('5')
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(firstNumber(await trial.served(LIST))).toBe('5')
    expect(await trial.played(LIST)).toEqual([a0, a1])
  })
})
