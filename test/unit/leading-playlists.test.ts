import { describe, expect, test, vi } from 'vitest'
import { LEADING_WAIT_MS } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { danglingFor } from '../support/dangling.ts'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { kept, storedNames } from '../support/kept.ts'
import { AFTER_MS, mirroring } from '../support/mirroring.ts'
import { mediaList, type Trial } from '../support/trial.ts'

const LISTS = ['all.m3u8', 'a.m3u8', 'b.m3u8']
const ALL = leadsTo('a', 'b')

/** A multivariant playlist that leads to these. */
function leadsTo(...names: readonly string[]): string {
  const variants = names.map((name) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${name}.m3u8\n`)
  return `#EXTM3U\n${variants.join('')}`
}

/** Sends a media playlist with its one segment. */
async function send(trial: Trial, name: string, ...end: readonly string[]): Promise<void> {
  await trial.put(`${name}0.ts`, `${name}0.ts`)
  await trial.put(`${name}.m3u8`, mediaList(0, [`${name}0.ts`], ...end))
}

/** Has the store take long for a playlist until the returned function is called. */
function slowFor({ store, clock }: Trial, name: string): () => void {
  const put = store.put.bind(store)
  store.put = async (key, body, options) => {
    if (key.endsWith(name)) await new Promise<void>((resolve) => void clock.after(20_000, resolve))
    await put(key, body, options)
  }
  return () => {
    store.put = put
  }
}

describe('P1: a multivariant playlist stays accepted when what it leads to is removed', () => {
  test.each([['the receiver goes on'], ['the receiver starts again']])(
    'while it waits for another variant, and %s',
    async (how) => {
      const trial = await deleting()
      await trial.put('all.m3u8', ALL)
      await send(trial, 'a', END)
      expect(await danglingFor(trial, LISTS, GONE_MS)).toEqual([])
      expect(await trial.served('all.m3u8')).toBeUndefined()
      expect(await storedNames(trial)).toEqual([])
      expect(await trial.readBack('all.m3u8')).toBe(ALL)
      if (how === 'the receiver starts again') await trial.restart()
      await send(trial, 'b')
      await trial.clock.advance(20_000)
      expect(await trial.served('all.m3u8')).toBe(leadsTo('b'))
      expect(await trial.stored('all.m3u8')).toBe(leadsTo('b'))
    },
  )

  test('as it is sent again while the removal waits for others', async () => {
    const trial = await deleting()
    await send(trial, 'b')
    await trial.put('only.m3u8', leadsTo('a'))
    await trial.put('all.m3u8', ALL)
    await send(trial, 'a', END)
    await trial.clock.advance(DELAY_MS / 2)
    const fast = slowFor(trial, 'all.m3u8')
    await trial.clock.advance(DELAY_MS / 2 + 1_000)
    expect(await trial.served('a.m3u8')).toBeDefined()
    await trial.put('only.m3u8', leadsTo('b'))
    fast()
    expect(await danglingFor(trial, [...LISTS, 'only.m3u8'], GONE_MS)).toEqual([])
    expect(await trial.served('a.m3u8')).toBeUndefined()
    expect(await trial.served('only.m3u8')).toBe(leadsTo('b'))
    expect(await trial.stored('only.m3u8')).toBe(leadsTo('b'))
  })

  test('as it is sent again when one variant is gone, before the other goes', async () => {
    const trial = await deleting()
    await trial.put('all.m3u8', ALL)
    await send(trial, 'b')
    await send(trial, 'a', END)
    await trial.clock.advance(GONE_MS)
    await trial.put('all.m3u8', ALL)
    await send(trial, 'b', END)
    await trial.clock.advance(GONE_MS)
    expect(await trial.readBack('all.m3u8')).toBe(ALL)
    await send(trial, 'a')
    expect(await trial.served('all.m3u8')).toBe(leadsTo('a'))
  })
})

describe('a multivariant playlist goes with the last variant', () => {
  test('that came when the others were gone', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    await trial.put('all.m3u8', ALL)
    for (const name of ['a', 'b']) {
      await send(trial, name, END)
      expect(await danglingFor(trial, LISTS, GONE_MS)).toEqual([])
    }
    expect(await kept(trial)).toEqual(before)
  })

  test('though all go at once', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    await trial.put('all.m3u8', ALL)
    for (const name of ['a', 'b']) await send(trial, name, END)
    expect(await danglingFor(trial, LISTS, GONE_MS)).toEqual([])
    expect(await kept(trial)).toEqual(before)
  })
})

test('P2: a multivariant playlist that cannot be served without what is removed is not served', async () => {
  const trial = await mirroring()
  const sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="en",URI="sound.m3u8"\n'
  await send(trial, 'sound')
  await send(trial, 'a')
  const all = `#EXTM3U\n${sound}#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="sound"\na.m3u8\n`
  await trial.put('all.m3u8', all)
  await trial.clock.advance(20_000)
  expect(await trial.stored('all.m3u8')).toBe(all)
  await trial.delete('sound.m3u8')
  expect(await danglingFor(trial, ['all.m3u8', 'a.m3u8', 'sound.m3u8'], 3 * AFTER_MS)).toEqual([])
  expect(await storedNames(trial)).toEqual(['a.m3u8', 'a0.ts'])
  await send(trial, 'sound')
  await trial.clock.advance(20_000)
  expect(await trial.stored('all.m3u8')).toBe(all)
})

describe('a multivariant playlist that the store refuses', () => {
  /** Has the store refuse it from now on. */
  function refuse({ store }: Trial): void {
    const put = store.put.bind(store)
    store.put = async (key, body, options) => {
      if (key.endsWith('all.m3u8')) throw new StorageError('refused', false)
      await put(key, body, options)
    }
  }

  test('keeps no stream for ever, and is taken out of the store first', async () => {
    const trial = await deleting()
    await trial.put('all.m3u8', ALL)
    await send(trial, 'b')
    await send(trial, 'a', END)
    await trial.clock.advance(DELAY_MS / 2)
    refuse(trial)
    const wrong: string[] = []
    for (let number = 0; number < (LEADING_WAIT_MS + GONE_MS) / 10_000; number++) {
      // It takes others.
      await trial.put('c0.ts', String(number))
      wrong.push(...(await danglingFor(trial, LISTS, 10_000, 1_000)))
    }
    expect(wrong).toEqual([])
    expect((await storedNames(trial)).filter((name) => !name.startsWith('c0'))).toEqual(['b.m3u8', 'b0.ts'])
    expect(await trial.served('all.m3u8')).toBe(leadsTo('b'))
    expect(trial.log.filter(({ event }) => event === 'removal waits for no playlist any longer')).toHaveLength(1)
  })

  test('P8: is waited for no more when the receiver stops', async () => {
    const trial = await mirroring()
    for (const name of ['a', 'b']) await send(trial, name)
    await trial.put('all.m3u8', ALL)
    await trial.clock.advance(20_000)
    refuse(trial)
    await trial.delete('a.m3u8')
    await trial.clock.advance(2 * AFTER_MS)
    const closed = trial.receiver.close(10_000)
    await trial.clock.advance(20_000)
    await closed
    const after = vi.spyOn(trial.clock, 'after')
    await trial.clock.advance(LEADING_WAIT_MS + GONE_MS)
    expect(after).not.toHaveBeenCalled()
    expect(trial.log.filter(({ event }) => event === 'removal begins')).toEqual([])
  })
})
