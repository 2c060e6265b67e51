import { beforeEach, describe, expect, test } from 'vitest'
import { RENDITION_LAG_MS, SETTLE_INTERVAL_MS, VARIANT_RETURN_MS } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { keys } from '../../src/core/records.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { storeKey } from '../../src/core/storing/store-key.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publish, urisOf } from '../support/renditions.ts'
import { mediaList, Trial } from '../support/trial.ts'

const MASTER = 'cam_adaptive.m3u8'
const LOW = 'cam_240p500kbps.m3u8'
const HIGH = 'cam_480p1000kbps.m3u8'
const PUSHED = `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LOW}\n`

let trial: Trial
/** Texts of the multivariant playlist that the store got, each with what of its variants the store lacked then. */
let puts: { readonly text: string; readonly lacking: readonly string[] }[]
let isDown: boolean

beforeEach(() => {
  trial = new Trial()
  puts = []
  isDown = false
  const put = trial.store.put.bind(trial.store)
  trial.store.put = async (key, body, options) => {
    if (!key.endsWith('_adaptive.m3u8')) return put(key, body, options)
    if (isDown) throw new StorageError('unavailable', true)
    const text = new TextDecoder().decode(body.bytes)
    const lacking = []
    for (const uri of urisOf(text) ?? []) if ((await trial.stored(uri)) === undefined) lacking.push(uri)
    puts.push({ text, lacking })
    await put(key, body, options)
  }
})

/** The next segments of both renditions, of so many bytes, and time for the store to get all. */
async function goOn(number: number, bytes = 1_000): Promise<void> {
  await publish(trial, [LOW, HIGH], { number, bytes })
  await trial.clock.advance(3_000)
}

const stored = async () => urisOf(await trial.stored(MASTER))

describe('a made multivariant playlist is in the store', () => {
  test('P2: with variants that are there, and as it is served', async () => {
    await goOn(0)
    expect(await stored()).toEqual([LOW, HIGH])
    expect(await trial.stored(MASTER)).toBe(await trial.served(MASTER))
    await publish(trial, ['cam.m3u8'])
    await trial.clock.advance(3_000)
    expect(await stored()).toEqual(['cam.m3u8', LOW, HIGH])
    expect(puts.flatMap(({ lacking }) => lacking)).toEqual([])
  })

  test('P2: without a variant that the store lacks, until it has it', async () => {
    const put = trial.store.put.bind(trial.store)
    let isHighDown = true
    trial.store.put = async (key, body, options) => {
      if (isHighDown && key.endsWith(HIGH)) throw new StorageError('refused', false)
      await put(key, body, options)
    }
    await goOn(0)
    expect(await stored()).toEqual([LOW])
    isHighDown = false
    await trial.clock.advance(120_000)
    expect(await stored()).toEqual([LOW, HIGH])
  })

  test('with what was published while it was made', async () => {
    const commit = trial.journal.commit.bind(trial.journal)
    let goOnNow = () => {}
    trial.journal.commit = async (writes) => {
      if (writes.some(({ key }) => key === keys.madeVariants('live', MASTER)))
        await new Promise<void>((resolve) => {
          goOnNow = resolve
        })
      await commit(writes)
    }
    await publish(trial, [LOW, HIGH, 'cam.m3u8'])
    goOnNow()
    await trial.clock.advance(0)
    goOnNow()
    await trial.clock.advance(3_000)
    expect(await stored()).toEqual(['cam.m3u8', LOW, HIGH])
  })

  test('beside the renditions of a sub-folder', async () => {
    await publish(trial, [`x/${LOW}`, `x/${HIGH}`])
    await trial.clock.advance(3_000)
    expect(urisOf(await trial.stored(`x/${MASTER}`))).toEqual([LOW, HIGH])
    expect(await stored()).toBeUndefined()
  })

  test('not where there is one rendition', async () => {
    await publish(trial, ['cam.m3u8'])
    await trial.clock.advance(3_000)
    expect(puts).toEqual([])
    expect(await trial.served(MASTER)).toBeDefined()
  })

  test('P2: without a rendition that is gone, also when one remains', async () => {
    await goOn(0)
    await trial.clock.advance(RENDITION_LAG_MS)
    await publish(trial, [LOW], { number: 1 })
    await trial.clock.advance(VARIANT_RETURN_MS)
    expect(urisOf(await trial.served(MASTER))).toEqual([LOW])
    expect(await stored()).toEqual([LOW, HIGH])
    await publish(trial, [LOW], { number: 2 })
    await trial.clock.advance(3_000)
    expect(await stored()).toEqual([LOW])
  })

  test('written again only when there is news: bit rates that drift by less than a tenth are none', async () => {
    await goOn(0, 1_000)
    const first = puts.length
    await goOn(1, 1_090)
    await goOn(2, 920)
    expect(puts).toHaveLength(first)
    await goOn(3, 1_110)
    expect(puts.length).toBeGreaterThan(first)
    expect(puts.at(-1)?.text).toContain('BANDWIDTH=4440,')
  })

  test('written again when its media playlists say something else', async () => {
    await goOn(0)
    const first = puts.length
    const independent = (name: string) =>
      mediaList(1, [name.replace('.m3u8', '1.ts')]).replace(':7', ':7\n#EXT-X-INDEPENDENT-SEGMENTS')
    for (const name of [LOW, HIGH]) {
      await trial.put(name.replace('.m3u8', '1.ts'), name.padEnd(1_000, '.'))
      await trial.put(name, independent(name))
    }
    await trial.clock.advance(3_000)
    expect(puts).toHaveLength(first + 1)
    expect(puts.at(-1)?.text).toContain('#EXT-X-INDEPENDENT-SEGMENTS')
  })
})

describe('when the receiver starts again', () => {
  test('the store gets what it lacked', async () => {
    isDown = true
    await goOn(0)
    expect(await stored()).toBeUndefined()
    await trial.restart()
    isDown = false
    await trial.clock.advance(10_000)
    expect(await stored()).toEqual([LOW, HIGH])
    expect(puts.flatMap(({ lacking }) => lacking)).toEqual([])
  })

  test('what the store has is not written again', async () => {
    await goOn(0)
    await trial.restart()
    await trial.clock.advance(3 * SETTLE_INTERVAL_MS)
    expect([...trial.journal.entries(keys.unstoredPlaylist('live', MASTER, ''))]).toEqual([])
    const before = puts.length
    await trial.restart()
    await trial.clock.advance(10_000)
    await goOn(1)
    expect(puts).toHaveLength(before)
  })
})

describe('one that is pushed', () => {
  test('takes the place of a made one, and keeps it', async () => {
    await goOn(0)
    await trial.put(MASTER, PUSHED)
    await trial.clock.advance(3_000)
    expect(await trial.stored(MASTER)).toBe(PUSHED)
    await publish(trial, ['cam.m3u8'], { bytes: 9_000 })
    await goOn(1, 9_000)
    expect(await trial.stored(MASTER)).toBe(PUSHED)
  })

  test('does so though it came while the store was down, and the receiver started again', async () => {
    await goOn(0)
    isDown = true
    await goOn(1, 5_000)
    await trial.put(MASTER, PUSHED)
    await trial.clock.advance(SETTLE_INTERVAL_MS)
    await trial.restart()
    isDown = false
    await trial.clock.advance(3 * SETTLE_INTERVAL_MS)
    expect(await trial.stored(MASTER)).toBe(PUSHED)
    expect([...trial.journal.entries(keys.unstoredPlaylist('live', MASTER, ''))]).toEqual([])
  })

  test('is the only one that is written, also while it waits for its variants', async () => {
    await trial.put(MASTER, `${PUSHED}#EXT-X-STREAM-INF:BANDWIDTH=2\nlate.m3u8\n`)
    await goOn(0)
    expect(urisOf(await trial.served(MASTER))).toEqual([LOW, HIGH])
    expect(puts).toEqual([])
  })

  test('is the only one, when it comes first', async () => {
    await trial.put(MASTER, PUSHED)
    await goOn(0)
    expect(await trial.stored(MASTER)).toBe(PUSHED)
    expect(new Set(puts.map(({ text }) => text))).toEqual(new Set([PUSHED]))
  })
})

test('where receivers share a store, the one that a stream has gone to writes it', async () => {
  const clock = new FakeClock()
  const store = memoryStore(() => clock.now())
  let ids = 0
  const nextId = () => String(++ids).padStart(9, '0')
  const [a, b] = ['A', 'B'].map((receiver) => new Trial(NEVER_STALE, policies([]), { clock, store, receiver, nextId }))
  if (a === undefined || b === undefined) throw new Error('two receivers are needed')
  const read = async () => urisOf(await a.stored(MASTER))
  await publish(a, [LOW, HIGH])
  await clock.advance(3_000)
  expect(await read()).toEqual([LOW, HIGH])
  await publish(b, [LOW, HIGH, 'cam.m3u8'], { number: 1 })
  await clock.advance(3_000)
  expect(await read()).toEqual(['cam.m3u8', LOW, HIGH])
  // The other one still has what came late.
  await a.put('cam_240p500kbps9.ts', 'x'.repeat(50_000))
  await a.put(LOW, mediaList(0, ['cam_240p500kbps0.ts', 'cam_240p500kbps9.ts']))
  await clock.advance(3_000)
  expect(await read()).toEqual(['cam.m3u8', LOW, HIGH])
  expect((await store.list(storeKey('live', MASTER))).keys).toHaveLength(1)
})
