import { describe, expect, test } from 'vitest'
import { GAP_MEND_MS, SEAL_AT_ENTRIES, SEAL_MARK_BYTES } from '../../src/core/limits.ts'
import type { SealedPart } from '../../src/core/playlist/sealed-part.ts'
import { all, ENTRIES, expectBoth, grow, LIST, LONG } from '../support/long-list.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'

/** Whether the beginning of the list is in chunks, and how many lists have any. */
function sealedLists({ journal }: Trial): number {
  return new Set([...journal.entries('c/')].map(([key]) => key.replace(/\d{6}[a-z]+$/, ''))).size
}

describe('a list that grows to 600 entries', () => {
  test.each([
    ['line feeds', '\n'],
    ['carriage returns too', '\r\n'],
  ])('is read back and served as it was sent at each step: lines end with %s', async (_what, lineEnd) => {
    const trial = new Trial()
    const listOf = (shown: readonly string[]) => mediaList(0, shown).replaceAll('\n', lineEnd)
    for (let length = 1; length <= ENTRIES; length++) {
      await trial.segments(all.slice(length - 1, length))
      await trial.put(LIST, listOf(all.slice(0, length)))
      await expectBoth(trial, listOf(all.slice(0, length)))
    }
    expect(sealedLists(trial)).toBe(1)
    expect(await trial.played(LIST)).toEqual(all)
  })

  test.each([
    '#EXT-X-DISCONTINUITY\n#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-DISCONTINUITY\n#EXT-X-START:TIME-OFFSET=0',
    '#EXT-X-DISCONTINUITY\n#EXT-X-ALLOW-CACHE:YES',
  ])('is sealed, read back and served as it was sent when ffmpeg writes among its own tags %j', async (tags) => {
    const trial = new Trial()
    const listOf = (shown: readonly string[]) => mediaList(0, [tags, ...shown])
    for (let length = 1; length <= LONG; length++) {
      await grow(trial, length - 1, length, listOf)
      await expectBoth(trial, listOf(all.slice(0, length)))
    }
    expect(sealedLists(trial)).toBe(1)
    await trial.restart()
    await grow(trial, LONG, LONG + 1, listOf)
    await expectBoth(trial, listOf(all.slice(0, LONG + 1)))
  })

  test('is not sealed when a tag that the rest is read by stands among its entries', async () => {
    const trial = new Trial()
    const listOf = (shown: readonly string[]) =>
      mediaList(0, ['#EXT-X-DISCONTINUITY\n#EXT-X-PLAYLIST-TYPE:EVENT', ...shown])
    await grow(trial, 0, LONG, listOf)
    await expectBoth(trial, listOf(all.slice(0, LONG)))
    expect(sealedLists(trial)).toBe(0)
  })

  test('keeps no more than its end in its record, and each chunk once', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    const [[, record] = []] = [...trial.journal.entries('p/')]
    expect(record?.length).toBeLessThan(20_000)
    await grow(trial, LONG, LONG + 1)
    const chunks = [...trial.journal.entries('c/')].filter(([key]) => key.endsWith('raw'))
    const raw = chunks.map(([, bytes]) => Buffer.from(bytes).toString())
    expect(raw.filter((text) => text.includes('\na0.ts\n'))).toHaveLength(1)
  })

  test('is compared in parts also when it came at once, so that uploads hold no more than one part', async () => {
    const trial = new Trial()
    const gaps = names('a', 20_000).flatMap((name) => ['#EXT-X-GAP', name])
    await trial.put(
      LIST,
      mediaList(0, gaps).replace('#EXT-X-VERSION:7', '#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:EVENT'),
    )
    const [[, record] = []] = [...trial.journal.entries('p/')]
    const { marks }: SealedPart = JSON.parse(Buffer.from(record ?? []).toString()).sealed
    const parts = marks.map(({ bytes }, index) => bytes - (marks[index - 1]?.bytes ?? 0))
    expect(parts.length).toBeGreaterThan(2)
    expect(Math.max(...parts)).toBeLessThan(SEAL_MARK_BYTES * 1.1)
  })

  test('P1: goes on after restarts of the receiver at any time', async () => {
    const trial = new Trial()
    for (const length of [10, SEAL_AT_ENTRIES, SEAL_AT_ENTRIES + 1, 50, 51, LONG]) {
      const known = (await trial.readBack(LIST))?.match(/\.ts/g)?.length ?? 0
      await grow(trial, known, length)
      await trial.restart()
      await expectBoth(trial, mediaList(0, all.slice(0, length)))
    }
    await trial.segments(all.slice(LONG, LONG + 1))
    await trial.put(LIST, mediaList(0, all.slice(0, LONG + 1), END))
    await expectBoth(trial, mediaList(0, all.slice(0, LONG + 1), END))
    expect(sealedLists(trial)).toBe(1)
  })

  test('may change its own tags and its foot: TARGETDURATION never goes down, ENDLIST comes and goes', async () => {
    const trial = new Trial()
    const duration = (seconds: number, text: string) => text.replace('TARGETDURATION:2', `TARGETDURATION:${seconds}`)
    await grow(trial, 0, LONG)
    await trial.put(LIST, duration(6, mediaList(0, all.slice(0, LONG), END)))
    await expectBoth(trial, duration(6, mediaList(0, all.slice(0, LONG), END)))
    await grow(trial, LONG, LONG + 2)
    expect(await trial.readBack(LIST)).toBe(mediaList(0, all.slice(0, LONG + 2)))
    expect(await trial.served(LIST)).toBe(duration(6, mediaList(0, all.slice(0, LONG + 2))))
    const longHead = mediaList(0, all.slice(0, LONG + 2)).replace('#EXT-X-VERSION:7', '#EXT-X-VERSION:7\n# a comment')
    await trial.put(LIST, longHead)
    expect(await trial.readBack(LIST)).toBe(longHead)
    expect(sealedLists(trial)).toBe(1)
  })

  test('may have its own tags behind those of the first entry', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init')
    const listOf = (shown: readonly string[]) =>
      ['#EXTM3U', '#EXT-X-MAP:URI="init.mp4"', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '']
        .join('\n')
        .concat(shown.map((uri) => `#EXTINF:2.000000,\n${uri}\n`).join(''))
    await grow(trial, 0, LONG, listOf)
    expect(await trial.readBack(LIST)).toBe(listOf(all.slice(0, LONG)))
    expect(await trial.played(LIST)).toEqual(all.slice(0, LONG).map((name) => `init/${name}`))
  })
})

describe('a long list that does not only grow', () => {
  test('is read whole again when it slides, and its chunks leave the journal', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    for (let first = 1; first <= 3; first++) {
      const end = LONG + first
      await trial.segments(all.slice(end - 1, end))
      await trial.put(LIST, mediaList(first, all.slice(first, end)))
      await expectBoth(trial, mediaList(first, all.slice(first, end)))
    }
    expect(sealedLists(trial)).toBe(0)
    expect(await trial.played(LIST)).toEqual(all.slice(3, LONG + 3))
  })

  test('P4: is replaced by a restart with other bytes, and goes on after its numbers', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    await trial.segments(all.slice(0, 1), ' anew')
    await trial.put(LIST, mediaList(0, all.slice(0, 1)))
    expect(await trial.served(LIST)).toBe(mediaList(LONG, ['#EXT-X-DISCONTINUITY', `a${LONG}.ts`]))
    await trial.segments(all.slice(1, 2), ' anew')
    await trial.put(LIST, mediaList(0, all.slice(0, 2)))
    expect(await trial.served(LIST)).toBe(mediaList(LONG, ['#EXT-X-DISCONTINUITY', `a${LONG}.ts`, `a${LONG + 1}.ts`]))
    expect(sealedLists(trial)).toBe(0)
  })

  test('P4: and the new run, grown long itself, keeps its joint and its numbers', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    for (let length = 1; length <= LONG; length++) {
      await trial.segments(all.slice(length - 1, length), ' anew')
      await trial.put(LIST, mediaList(0, all.slice(0, length)))
    }
    const stored = all.slice(LONG, 2 * LONG)
    expect(await trial.served(LIST)).toBe(mediaList(LONG, ['#EXT-X-DISCONTINUITY', ...stored]))
    expect(sealedLists(trial)).toBe(1)
    await trial.restart()
    expect(await trial.served(LIST)).toBe(mediaList(LONG, ['#EXT-X-DISCONTINUITY', ...stored]))
  })

  test('P4: is served whole while a new run waits for its first segment, over restarts of the receiver too', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    const renewed = (...numbers: number[]) => numbers.map((number) => `#EXTINF:1.500000,\na${number}.ts`)
    for (const numbers of [[0], [0, 1], [0, 1, 2]]) {
      await trial.put(LIST, mediaList(0, renewed(...numbers)))
      await trial.restart()
      expect(await trial.served(LIST)).toBe(mediaList(0, all.slice(0, LONG)))
    }
    await trial.segments(all.slice(0, 3), ' anew')
    expect(await trial.played(LIST)).toEqual(['- a0.ts anew', 'a1.ts anew', 'a2.ts anew'])
    await trial.put(LIST, mediaList(0, renewed(0, 1, 2), END))
    expect(sealedLists(trial)).toBe(0)
  })

  test('is not set back by an older version that comes late', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    for (const length of [LONG - 1, LONG - 5, LONG - 20, 10, 1]) {
      await trial.put(LIST, mediaList(0, all.slice(0, length)))
      await expectBoth(trial, mediaList(0, all.slice(0, LONG)))
    }
    expect(sealedLists(trial)).toBe(1)
  })

  test('P2: is not taken for what is sealed when one byte of its beginning is another', async () => {
    const trial = new Trial()
    await grow(trial, 0, LONG)
    const other = mediaList(0, all.slice(0, LONG + 1)).replace('#EXTINF:2.000000,\na3.ts', '#EXTINF:2.000001,\na3.ts')
    await trial.segments(all.slice(LONG, LONG + 1))
    await trial.put(LIST, other)
    expect(await trial.readBack(LIST)).toBe(other)
  })
})

describe('a hole in a long list', () => {
  const hole = 5
  const withGap = (count: number) =>
    all.slice(0, count).map((name, index) => (index === hole ? `#EXTINF:2.000000,\n#EXT-X-GAP\n${name}` : name))

  async function growWithHole(trial: Trial) {
    await trial.segments(all.slice(0, LONG).filter((_, index) => index !== hole))
    for (let length = 1; length <= LONG; length++) await trial.put(LIST, mediaList(0, all.slice(0, length)))
    await trial.clock.advance(2_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, withGap(LONG)))
  }

  test('P5: is mended while it is not sealed', async () => {
    const trial = new Trial()
    await growWithHole(trial)
    await trial.segments(all.slice(hole, hole + 1))
    expect(await trial.served(LIST)).toBe(mediaList(0, all.slice(0, LONG)))
    await grow(trial, LONG, LONG + 1)
    expect(sealedLists(trial)).toBe(1)
    await expectBoth(trial, mediaList(0, all.slice(0, LONG + 1)))
  })

  test('stays one when it is sealed after its time, and the list goes on', async () => {
    const trial = new Trial()
    await growWithHole(trial)
    await trial.clock.advance(GAP_MEND_MS)
    await grow(trial, LONG, LONG + 1)
    await trial.segments(all.slice(hole, hole + 1))
    await grow(trial, LONG + 1, LONG + 2)
    expect(await trial.served(LIST)).toBe(mediaList(0, withGap(LONG + 2)))
    await trial.restart()
    expect(await trial.readBack(LIST)).toBe(mediaList(0, all.slice(0, LONG + 2)))
  })
})

test('P6: after a restart of the receiver what is sealed is read once, not for each version', async () => {
  const trial = new Trial()
  await grow(trial, 0, LONG)
  await trial.restart()
  const { journal } = trial
  const { get } = journal
  let reads = 0
  journal.get = (key) => {
    if (key.startsWith('c/') && key.endsWith('raw')) reads++
    return get(key)
  }
  const readsOf = async (length: number) => {
    reads = 0
    await grow(trial, length - 1, length)
    return reads
  }
  expect(await readsOf(LONG + 1)).toBeGreaterThan(0)
  expect(await readsOf(LONG + 2)).toBe(0)
})
