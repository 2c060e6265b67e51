import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const [a0 = '', a1 = '', a2 = ''] = names('a', 3)

const overwriting = () => new Trial(NEVER_STALE, () => 'overwrite')

async function push(trial: Trial, list: readonly string[], mark: string): Promise<void> {
  await trial.segments(list, mark)
  await trial.put(LIST, mediaList(0, list))
}

async function bytesOf(trial: Trial, name: string): Promise<string | undefined> {
  return trial.served(name)
}

describe('under the policy overwrite', () => {
  test('other bytes under a name take the place of the old ones, whole and at once', async () => {
    const trial = overwriting()
    await trial.put(a0, 'first')
    const running = trial.begin(a0)
    await running.send('sec')
    expect(await bytesOf(trial, a0)).toBe('first')
    await running.send('ond')
    await running.end()
    expect(await bytesOf(trial, a0)).toBe('second')
    expect(await trial.readBack(a0)).toBe('second')
  })

  test('an upload that is cut leaves the old ones', async () => {
    const trial = overwriting()
    await trial.put(a0, 'first')
    const running = trial.begin(a0)
    await running.send('sec')
    await running.cut()
    expect(await bytesOf(trial, a0)).toBe('first')
  })

  test('a new run takes the place of the old one, in the list and in the recording', async () => {
    const trial = overwriting()
    await push(trial, [a0, a1, a2], '')
    await push(trial, [a0], ' anew')
    await push(trial, [a0, a1], ' anew')
    expect(await trial.served(LIST)).toContain('\na0.ts\n')
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
    expect(await trial.recorded(LIST)).toEqual([`${a0} anew`, `${a1} anew`])
    expect(await trial.runs(LIST)).toHaveLength(1)
  })

  test('P4: media sequence numbers go on all the same', async () => {
    const trial = overwriting()
    await push(trial, [a0, a1, a2], '')
    await push(trial, [a0], ' anew')
    expect(await trial.served(LIST)).toContain('#EXT-X-MEDIA-SEQUENCE:3\n')
  })

  test('a hole of the old run is not filled with what the new one sends', async () => {
    const trial = overwriting()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(3_000)
    await trial.segments([a0, a1], ' anew')
    expect((await trial.played(LIST))[1] ?? 'GAP').toBe('GAP')
  })

  test('what was overwritten never comes back, whether the store had it or not, over restarts too', async () => {
    for (const before of [0, 1_000, 70_000, 200_000]) {
      const trial = overwriting()
      await trial.restart()
      await trial.put(a0, 'first')
      await trial.clock.advance(before)
      await trial.put(a0, 'second')
      for (let step = 0; step < 20; step++) {
        await trial.clock.advance(10_000)
        expect(await trial.stored(a0)).toBe('second')
        expect(await bytesOf(trial, a0)).toBe('second')
      }
      await trial.restart()
      await trial.clock.advance(200_000)
      expect(await trial.stored(a0)).toBe('second')
      expect(await bytesOf(trial, a0)).toBe('second')
    }
  })

  test('one that the store takes late is not stored after the one that took its place', async () => {
    const trial = overwriting()
    const put = trial.store.put.bind(trial.store)
    trial.store.put = async (key, body, options) => {
      const isFirst = new TextDecoder().decode(body.bytes) === 'first'
      if (isFirst) await new Promise<void>((resolve) => void trial.clock.after(5_000, resolve))
      await put(key, body, options)
    }
    await trial.put(a0, 'first')
    await trial.clock.advance(1_000)
    await trial.put(a0, 'second')
    await trial.clock.advance(10_000)
    expect(await trial.stored(a0)).toBe('second')
  })

  test('one that the store refused is not tried again', async () => {
    const trial = overwriting()
    const put = trial.store.put.bind(trial.store)
    const tried: string[] = []
    trial.store.put = async (key, body, options) => {
      tried.push(new TextDecoder().decode(body.bytes))
      if (tried.length === 1) throw new StorageError('unavailable', true)
      await put(key, body, options)
    }
    await trial.put(a0, 'first')
    await trial.clock.advance(100)
    await trial.put(a0, 'second')
    await trial.clock.advance(10_000)
    expect(tried).toEqual(['first', 'second'])
  })

  test('an encoder that appends goes on', async () => {
    const trial = overwriting()
    await push(trial, [a0, a1], '')
    await trial.readBack(LIST)
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [a0, a1, '#EXT-X-DISCONTINUITY', a2]))
    expect(await trial.recorded(LIST)).toEqual([a0, a1, `- ${a2}`])
  })

  test('P7: a file that another key brought is not overwritten', async () => {
    const trial = overwriting()
    await trial.put(a0, 'of one', 'one')
    await trial.put(a0, 'of two', 'two')
    expect(await bytesOf(trial, a0)).toBe('of one')
  })

  test('browsers and caches are not told that such files never change', async () => {
    const trial = overwriting()
    await trial.put(a0, 'first')
    const file = await trial.receiver.origin.serve('live', a0)
    expect(file.isImmutable).toBe(false)
  })
})
