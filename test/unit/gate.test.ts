import { describe, expect, test } from 'vitest'
import { GAP_MEND_MS, MAX_GATE_WAIT_MS } from '../../src/core/limits.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const GAP = '#EXTINF:2.000000,\n#EXT-X-GAP\na1.ts'
const [a0 = '', a1 = '', a2 = '', a3 = '', a4 = ''] = names('a', 5)

describe('a list is served', () => {
  test('P2: up to the first entry that is still awaited, and without what follows the last one', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3], END))
    expect(await trial.played(LIST)).toEqual([a0])
    expect(await trial.served(LIST)).not.toContain(END)
    await trial.segments([a1])
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2, a3], END))
  })

  test('not at all while its first entry is awaited', async () => {
    const trial = new Trial()
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.served(LIST)).toBeUndefined()
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0, a1]))
  })

  test('P9: at once when the awaited segment comes, with all that follows it', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    const upload = trial.begin(a1)
    await upload.send('late')
    expect(await trial.played(LIST)).toEqual([a0])
    await upload.end()
    expect(await trial.played(LIST)).toEqual([a0, 'late', a2])
  })

  test('with no entry when its encoder has none yet', async () => {
    const trial = new Trial()
    await trial.put(LIST, mediaList(7, []))
    expect(await trial.served(LIST)).toBe(mediaList(7, []))
    await trial.put(LIST, mediaList(7, [a0]))
    expect(await trial.served(LIST)).toBe(mediaList(7, []))
    await trial.segments([a0])
    expect(await trial.served(LIST)).toBe(mediaList(7, [a0]))
  })
})

describe('an entry that does not come', () => {
  test('P9: is awaited for one target duration, not longer and not shorter; then it is a hole', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(1_999)
    expect(await trial.played(LIST)).toEqual([a0])
    await trial.clock.advance(1)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, GAP, a2]))
  })

  test('is awaited from its first naming on, and not anew with each version', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(1_500)
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    await trial.clock.advance(500)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2, a3])
  })

  test('P6: holds nothing up for longer than a bound, whatever the target duration', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    const list = mediaList(0, [a0, a1, a2]).replace('TARGETDURATION:2', 'TARGETDURATION:3600')
    await trial.put(LIST, list)
    await trial.clock.advance(MAX_GATE_WAIT_MS)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
  })

  test('is left out at the end of a list, and is there when something follows it', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(10_000)
    expect(await trial.played(LIST)).toEqual([a0])
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
  })

  test('P5: is a hole at the end of a list that has ended', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0, a1], END))
    await trial.clock.advance(2_000)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP'])
    expect(await trial.served(LIST)).toContain(END)
  })

  test('P5: is mended when it comes, a minute later and in the middle of newer ones', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(GAP_MEND_MS - 1)
    await trial.segments([a1, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2, a3]))
  })

  test('P5: is mended after a restart of the receiver', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(2_000)
    await trial.restart()
    await trial.segments([a1])
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
  })

  test('P9: is awaited by a receiver that was restarted meanwhile', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.restart()
    expect(await trial.played(LIST)).toEqual([a0])
    await trial.clock.advance(2_000)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
  })

  test('P9: several are awaited together, each for its own time', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2, a4])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(1_000)
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3, a4]))
    await trial.clock.advance(1_000)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
    await trial.clock.advance(1_000)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2, 'GAP', a4])
  })
})

describe('what was served', () => {
  test('P4: is not taken back when a newer version awaits its last entry', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.put(LIST, mediaList(1, [a1, a2, a3]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2]))
    await trial.segments([a3])
    expect(await trial.served(LIST)).toBe(mediaList(1, [a1, a2, a3]))
  })

  test('P4: stays when a list goes on after its end and the next entry is awaited', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1], END))
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1], END))
    await trial.segments([a2])
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2]))
  })

  test('P4: keeps a hole at its end when the ended list goes on', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0, a1], END))
    await trial.clock.advance(2_000)
    await trial.put(LIST, mediaList(0, [a0, a1, a3]))
    expect(await trial.played(LIST)).toEqual([a0, 'GAP'])
    expect(await trial.served(LIST)).toContain(END)
    await trial.segments([a3])
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a3])
  })

  test('P4: has its end until something really follows', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0], END))
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(10_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0], END))
  })

  test('P9: shows what came although a target duration that grew would let a hole wait longer', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.clock.advance(2_000)
    await trial.segments([a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]).replace('TARGETDURATION:2', 'TARGETDURATION:6'))
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2, a3])
  })
})

describe("the encoder's own EXT-X-GAP", () => {
  test('is passed on at once, once, and awaits nothing', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, GAP, a2], END))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, GAP, a2], END))
  })

  test('stands there once when the init section is missing too', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, '#EXT-X-MAP:URI="lost.mp4"', GAP, a2], END))
    await trial.clock.advance(2_000)
    expect((await trial.served(LIST))?.match(/#EXT-X-GAP/g)).toHaveLength(2)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', 'GAP'])
  })

  test('is mended when the encoder takes it away and sends the segment', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, GAP, a2]))
    await trial.clock.advance(5_000)
    await trial.segments([a1, a3])
    await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    expect(await trial.played(LIST)).toEqual([a0, a1, a2, a3])
  })
})

test('P2: an ENDLIST above the entries is not shown before the last of them is', async () => {
  const trial = new Trial()
  await trial.segments([a0])
  await trial.put(LIST, mediaList(0, [a0, a1]).replace('#EXT-X-VERSION:7', `#EXT-X-VERSION:7\n${END}`))
  expect(readServed((await trial.served(LIST)) ?? '')).toMatchObject({ hasEndlist: false, entries: [{ uri: a0 }] })
  await trial.segments([a1])
  expect(readServed((await trial.served(LIST)) ?? '').hasEndlist).toBe(true)
})
