import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'cam.m3u8'
const MULTIVARIANT = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ncam.m3u8\n'
const END = '#EXT-X-ENDLIST'
const [a0 = '', a1 = ''] = names('cam', 2)
const AFTER_MS = 60_000

async function pushed(action: 'end' | 'gone' | 'keep', ...foot: string[]): Promise<Trial> {
  const trial = new Trial({ afterMs: AFTER_MS, action })
  await trial.segments([a0])
  await trial.put(LIST, mediaList(0, [a0], ...foot))
  return trial
}

describe('a live playlist that nobody updates', () => {
  test('ends, and goes on with its encoder', async () => {
    const trial = await pushed('end')
    await trial.clock.advance(AFTER_MS - 1)
    await trial.served(LIST)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
    await trial.clock.advance(1)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0], END))
    await trial.restart()
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0], END))
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1]))
  })

  test('ends in the store, too, though nobody asks for it, and its run is stored', async () => {
    const trial = await pushed('end')
    await trial.clock.advance(AFTER_MS + 5_000)
    expect(await trial.stored(LIST)).toBe(mediaList(0, [a0], END))
    const { keys } = await trial.store.list('live/streams/cam-')
    expect(keys).toHaveLength(1)
  })

  test('ends after a restart, when it has been quiet for long enough since', async () => {
    const trial = await pushed('end')
    await trial.clock.advance(AFTER_MS - 1)
    await trial.restart()
    await trial.clock.advance(AFTER_MS - 1)
    expect(await trial.stored(LIST)).not.toContain(END)
    await trial.clock.advance(5_000)
    expect(await trial.stored(LIST)).toContain(END)
    expect([...trial.journal.entries('z/')]).toEqual([])
  })

  test.each([0, 1])('is none while versions come, however long its segments, after %i restarts', async (restarts) => {
    const trial = await pushed('end')
    for (let count = 0; count < restarts; count++) await trial.restart()
    let ends = 0
    const put = trial.store.put.bind(trial.store)
    trial.store.put = async (key, body, options) => {
      if (key.endsWith('.m3u8') && new TextDecoder().decode(body.bytes).includes(END)) ends++
      await put(key, body, options)
    }
    const all = names('cam', 60)
    for (let count = 2; count <= all.length; count++) {
      await trial.clock.advance(6_006)
      await trial.segments(all.slice(count - 1, count))
      await trial.put(LIST, mediaList(Math.max(0, count - 5), all.slice(Math.max(0, count - 5), count)))
    }
    expect(ends).toBe(0)
    await trial.clock.advance(2 * AFTER_MS)
    expect(ends).toBeGreaterThan(0)
  })

  test('is none after a stop, and one whose name became that of another kind is forgotten', async () => {
    const trial = await pushed('end')
    const closing = trial.receiver.close(1_000)
    await trial.clock.advance(1_000)
    await closing
    await trial.clock.advance(2 * AFTER_MS)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
    await trial.restart()
    await trial.put(LIST, MULTIVARIANT.replace('cam.m3u8', 'other.m3u8'))
    await trial.clock.advance(2 * AFTER_MS)
    expect([...trial.journal.entries('z/')]).toEqual([])
  })

  test('is not found, and is again when its encoder goes on; its recording stays', async () => {
    const trial = await pushed('gone')
    await trial.clock.advance(AFTER_MS)
    expect(await trial.served(LIST)).toBeUndefined()
    expect(await trial.recorded(LIST)).toEqual([a0])
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1]))
  })

  test('stays as it is where that is wanted', async () => {
    const trial = await pushed('keep')
    await trial.clock.advance(100 * AFTER_MS)
    await trial.served(LIST)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
  })

  test('is not stale for the time in which the receiver was down', async () => {
    const trial = await pushed('gone')
    await trial.clock.advance(2 * AFTER_MS)
    await trial.restart()
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
    await trial.clock.advance(AFTER_MS)
    expect(await trial.served(LIST)).toBeUndefined()
  })
})

test('what has ended is never stale, and a multivariant playlist neither', async () => {
  const trial = await pushed('gone', END)
  await trial.put('master.m3u8', MULTIVARIANT)
  await trial.clock.advance(2 * AFTER_MS)
  expect(await trial.served(LIST)).toBe(mediaList(0, [a0], END))
  expect(await trial.served('master.m3u8')).toBe(MULTIVARIANT)
})

test('a stale playlist is ended later when it cannot be written now', async () => {
  const trial = await pushed('end')
  await trial.clock.advance(AFTER_MS / 2)
  const { commit } = trial.journal
  trial.journal.commit = async () => {
    throw new Error('disk full')
  }
  await trial.clock.advance(AFTER_MS / 2)
  expect(trial.log.some(({ event }) => event === 'silent playlist not ended')).toBe(true)
  expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
  expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
  expect(trial.log.some(({ event }) => event === 'stale playlist not ended')).toBe(true)
  trial.journal.commit = commit
  await trial.clock.advance(AFTER_MS)
  expect(await trial.served(LIST)).toBe(mediaList(0, [a0], END))
})
