import { beforeEach, describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { storeKey } from '../../src/core/storing/store-key.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { mediaList, Trial } from '../support/trial.ts'

const LIST = 'cam.m3u8'
const BLOCK = 100_000
/** Longer than everything waits. */
const LATER_MS = 40_000

let clock: FakeClock
let ids = 0
let store: ReturnType<typeof memoryStore>
let a: Trial
let b: Trial

beforeEach(() => {
  clock = new FakeClock()
  store = memoryStore(() => clock.now())
  a = receiver('A')
  b = receiver('B')
})

function receiver(name: string): Trial {
  return new Trial(NEVER_STALE, policies([]), { clock, store, receiver: name, nextId })
}

const nextId = () => String(++ids).padStart(9, '0')

const cam = (first: number, count = 1) =>
  Array.from({ length: count }, (_, index) => `cam${String(first + index).padStart(9, '0')}.ts`)

/** An encoder's segment, and its list of the last five; all of it goes to one receiver. */
async function push(to: Trial, from: number, until: number, mark = ''): Promise<void> {
  for (let number = from; number <= until; number++) {
    const [name = ''] = cam(number)
    await to.put(name, name + mark)
    const first = Math.max(1, number - 4)
    await to.put(LIST, mediaList(first, cam(first, number - first + 1)))
    await clock.advance(2_000)
  }
}

const bodies = (first: number, count: number, mark = '') => cam(first, count).map((name) => name + mark)

async function inStore(prefix = ''): Promise<string[]> {
  const { keys } = await store.list(storeKey('live', prefix))
  return keys.map((key) => key.slice(storeKey('live', '').length))
}

const served = async (from: Trial) => readServed((await from.served(LIST)) ?? '')
const storedList = async () => readServed((await a.stored(LIST)) ?? '')

describe('P3: what receivers share is never overwritten', () => {
  test('the names of the second to come have ids, those of the first are the encoder`s', async () => {
    await push(a, 1, 3)
    await push(b, 1, 3, ' at B')
    await clock.advance(LATER_MS)
    for (const name of cam(1, 3)) expect(await a.stored(name)).toBe(name)
    const names = (await served(b)).entries.map(({ uri }) => uri)
    expect(names).toHaveLength(3)
    for (const [index, name] of names.entries()) expect(await b.stored(name)).toBe(`${cam(index + 1)[0]} at B`)
  })

  test('not by two that begin at the same moment', async () => {
    await Promise.all([a.segments(cam(1, 3)), b.segments(cam(1, 3), ' at B')])
    await clock.advance(LATER_MS)
    const media = (await inStore('cam')).filter((name) => name.endsWith('.ts'))
    const texts = await Promise.all(media.map((name) => a.stored(name)))
    expect(texts.sort()).toEqual([...bodies(1, 3), ...bodies(1, 3, ' at B')].sort())
  })

  test('nor is what stood there before anybody claimed anything', async () => {
    const [first = ''] = cam(1)
    await store.put(storeKey('live', first), contentOf(Buffer.from('old')), { contentType: 'video/mp2t' })
    await a.put(first, 'new')
    await clock.advance(LATER_MS)
    expect(await a.stored(first)).toBe('old')
    expect((await inStore('cam')).filter((name) => name.endsWith('.ts'))).toHaveLength(2)
  })

  test('init sections and keys have no numbers, and get names of their own', async () => {
    await a.put('init.mp4', 'A')
    await b.put('init.mp4', 'B')
    await clock.advance(LATER_MS)
    const inits = await inStore('init')
    expect((await Promise.all(inits.map((name) => a.stored(name)))).sort()).toEqual(['A', 'B'])
  })
})

describe('a stream that moves to another receiver', () => {
  test('P4: goes on with the next block of numbers and a discontinuity, also in the store', async () => {
    await push(a, 1, 6)
    const before = await storedList()
    expect(before.mediaSequence).toBe(2)
    await push(b, 7, 9)
    const now = await served(b)
    expect(now.mediaSequence).toBeGreaterThanOrEqual(BLOCK)
    expect(now.discontinuitySequence).toBeGreaterThanOrEqual(before.discontinuitySequence)
    expect(now.entries.map(({ isDiscontinuity, isGap }) => [isDiscontinuity, isGap])).toEqual([
      [true, false],
      [false, false],
      [false, false],
    ])
    expect(await storedList()).toEqual(now)
    expect(await b.played(LIST)).toEqual([`- ${bodies(7, 1)}`, ...bodies(8, 2)])
  })

  test('P4: TARGETDURATION does not go down', async () => {
    await a.segments(cam(1))
    await a.put(LIST, mediaList(1, cam(1)).replace('TARGETDURATION:2', 'TARGETDURATION:6'))
    await clock.advance(LATER_MS)
    await push(b, 2, 3)
    expect((await served(b)).targetDuration).toBe(6)
  })

  test('P5: has a whole recording at both, and what the first brings late is in it', async () => {
    await push(a, 1, 6)
    // Acknowledged, and its list never came.
    await a.segments(cam(7))
    await push(b, 8, 10)
    await clock.advance(LATER_MS)
    const all = [...bodies(1, 7), `- ${bodies(8, 1)}`, ...bodies(9, 2)]
    expect(await b.recorded(LIST)).toEqual(all)
    expect(await a.recorded(LIST)).toEqual(all)
    await a.segments(cam(8), ' late')
    await clock.advance(LATER_MS)
    expect(await b.recorded(LIST)).toContain(`${bodies(8, 1)} late`)
  })

  test('P4, P5: may come back, and goes on with a block of its own again', async () => {
    await push(a, 1, 3)
    await push(b, 4, 6)
    await clock.advance(LATER_MS)
    await push(a, 7, 12)
    const now = await served(a)
    expect(now.mediaSequence).toBeGreaterThan(2 * BLOCK)
    expect(now.entries.map(({ uri }) => uri)).toEqual(cam(8, 5))
    await clock.advance(LATER_MS)
    expect(await storedList()).toEqual(now)
    const all = [...bodies(1, 3), `- ${bodies(4, 1)}`, ...bodies(5, 2), `- ${bodies(7, 1)}`, ...bodies(8, 5)]
    expect(await a.recorded(LIST)).toEqual(all)
    expect(await b.recorded(LIST)).toEqual(all)
  })

  test('P4: starts over there as a new run', async () => {
    await push(a, 1, 3)
    await push(b, 1, 3, ' again')
    await clock.advance(LATER_MS)
    const all = [...bodies(1, 3), `- ${bodies(1, 1, ' again')}`, ...bodies(2, 2, ' again')]
    expect(await b.recorded(LIST)).toEqual(all)
    await push(a, 1, 3, ' once more')
    expect((await served(a)).mediaSequence).toBe(2 * BLOCK)
    expect(await a.recorded(LIST)).toEqual([...all, `- ${bodies(1, 1, ' once more')}`, ...bodies(2, 2, ' once more')])
  })

  test('P4, P5: claims last over a restart', async () => {
    await push(a, 1, 3)
    await push(b, 4, 6)
    await clock.advance(LATER_MS)
    await a.restart()
    await b.restart()
    await push(b, 7, 8)
    expect((await served(b)).entries.map(({ isGap, isDiscontinuity }) => isGap || isDiscontinuity)).toEqual([
      true,
      ...[false, false, false, false],
    ])
    await push(a, 9, 10)
    await clock.advance(LATER_MS)
    expect((await served(a)).mediaSequence).toBeGreaterThanOrEqual(2 * BLOCK)
    const all = [...bodies(1, 3), `- ${bodies(4, 1)}`, ...bodies(5, 4), `- ${bodies(9, 1)}`, ...bodies(10, 1)]
    expect(await a.recorded(LIST)).toEqual(all)
    expect(await b.recorded(LIST)).toEqual(all)
  })

  test('P4, P5: a long list that only grows moves, too', async () => {
    const grow = async (to: Trial, from: number, until: number) => {
      for (let number = from; number <= until; number++) {
        await to.segments(cam(number))
        await to.put(LIST, mediaList(1, ['#EXT-X-PLAYLIST-TYPE:EVENT', ...cam(1, number)]))
        await clock.advance(2_000)
      }
    }
    await grow(a, 1, 40)
    await grow(b, 41, 44)
    await clock.advance(LATER_MS)
    expect((await served(b)).entries.map(({ uri, isGap }) => [uri.slice(0, 12), isGap])).toEqual(
      cam(41, 4).map((name) => [name.slice(0, 12), false]),
    )
    await grow(a, 45, 60)
    await clock.advance(LATER_MS)
    expect((await served(a)).entries.map(({ isGap }) => isGap)).toEqual(Array(16).fill(false))
    const joints = new Set([41, 45])
    const all = bodies(1, 60).map((body, index) => (joints.has(index + 1) ? `- ${body}` : body))
    expect(await a.recorded(LIST)).toEqual(all)
    expect(await b.recorded(LIST)).toEqual(all)
  })

  test('a list of the one it has left is not written any more', async () => {
    await push(a, 1, 3)
    await push(b, 4, 6)
    const before = await a.stored(LIST)
    // On its way since before, and named by nobody else.
    await a.segments(cam(4), ' at A')
    await a.put(LIST, mediaList(1, cam(1, 4)))
    await clock.advance(LATER_MS)
    expect(await a.stored(LIST)).toBe(before)
    expect((await served(a)).entries).toHaveLength(4)
  })
})

test('P7: a token in a name is in no claim', async () => {
  await a.put('live/s.m3u8?token=SECRET0.ts', 'x')
  await clock.advance(LATER_MS)
  const { keys } = await store.list('')
  expect(keys.filter((key) => key.includes('SECRET'))).toEqual([])
  expect(keys).toHaveLength(1)
})

test('P4: a list that strays to a receiver, without a segment, takes nothing over', async () => {
  await push(a, 1, 6)
  await b.put(LIST, mediaList(3, cam(3, 5)))
  await push(a, 7, 7)
  await a.put(LIST, mediaList(3, cam(3, 5), '#EXT-X-ENDLIST'))
  await clock.advance(LATER_MS)
  const now = await storedList()
  expect([now.hasEndlist, now.mediaSequence, now.entries.map(({ uri }) => uri)]).toEqual([true, 3, cam(3, 5)])
})

test('a multivariant playlist in the store is that of the receiver that got it last', async () => {
  const variants = (name: string) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${name}\n`
  await push(a, 1, 2)
  await a.put('all.m3u8', variants(LIST))
  await clock.advance(LATER_MS)
  expect(await a.stored('all.m3u8')).toBe(variants(LIST))
  await push(b, 3, 4)
  await b.put('all.m3u8', variants(`${LIST}?b`))
  await clock.advance(LATER_MS)
  const atB = await b.served('all.m3u8')
  expect(await a.stored('all.m3u8')).toBe(atB)
  await a.restart()
  await a.put('other.m3u8', variants(LIST))
  await clock.advance(LATER_MS)
  expect(await a.stored('all.m3u8')).toBe(atB)
})

test('P6: while the store does not answer no recordings are made ready for it', async () => {
  await push(a, 1, 2)
  const { put } = store
  Object.assign(store, { put: () => Promise.reject(new Error('down')) })
  await push(a, 3, 30)
  expect(a.receiver.isStoreDown).toBe(true)
  Object.assign(store, { put })
  await clock.advance(LATER_MS)
  await push(b, 31, 31)
  await clock.advance(LATER_MS)
  expect(await b.recorded(LIST)).toEqual([...bodies(1, 30), `- ${bodies(31, 1)}`])
})

test('P1, P9: while the store does not answer, uploads are taken and served as they are', async () => {
  const { put, list, get, head } = store
  const down = () => Promise.reject(new Error('down'))
  Object.assign(store, { put: down, list: down, get: down, head: down })
  await push(b, 1, 3)
  expect((await served(b)).entries.map(({ isGap }) => isGap)).toEqual([false, false, false])
  Object.assign(store, { put, list, get, head })
  await push(a, 1, 3)
  await push(b, 4, 6)
  await clock.advance(LATER_MS)
  const media = (await inStore('cam')).filter((name) => name.endsWith('.ts'))
  expect(media).toHaveLength(9)
  const sequences = [await served(a), await served(b)].map(({ mediaSequence }) => mediaSequence)
  expect(new Set(sequences).size).toBe(2)
})
