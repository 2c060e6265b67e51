import { rm } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { BODY_FORMS, bodyOf, bytesOf, readAll, streamBody } from './store-bodies.ts'
import { expectSame, OPTIONS, type StoreFactory, useStore } from './store-kit.ts'

const KEY = 'live/streams/cam1000000001.ts'
const ROUNDS = 20
const READERS = 8
const MANY_KEYS = 1_234
const PAGE_KEYS = 1_000
const ODD_NAMES = [
  'with space.ts',
  'é ü 日本語 🎥.ts',
  '100%.ts',
  'a%2fb.ts',
  '%2e%2e.ts',
  'a+b&c=d.ts',
  'quote"s\'.ts',
  'question?mark.ts',
  'hash#tag.ts',
  'back`tick$HOME.ts',
  'colon:12:00.ts',
  '-dash.ts',
  `${'a'.repeat(252)}.ts`,
]

/** The promises of ObjectStore, as tests; every driver must keep them. */
export function objectStoreSuite(name: string, create: StoreFactory): void {
  describe(name, () => {
    const kit = useStore(create)
    const { put, read, failedPut, keysOf } = kit

    describe('what was put is there', () => {
      test.each(BODY_FORMS.flatMap((form) => [0, 1, 65_537, 3_000_000].map((size) => [form, size] as const)))(
        '%s of %d bytes',
        async (form, size) => {
          const bytes = bytesOf('a', size)
          const began = Date.now()
          await put(KEY, form, bytes)
          const found = await kit.store.get(KEY)
          expect(found?.size).toBe(size)
          expect(found?.modifiedAt).toBeGreaterThan(began - 60_000)
          expect(found?.modifiedAt).toBeLessThan(Date.now() + 60_000)
          expectSame(found && (await readAll(found.body)), bytes)
          expect(await kit.store.head(KEY)).toEqual({ size, modifiedAt: found?.modifiedAt })
          expect(await kit.leftovers()).toEqual([])
        },
      )

      test.each(BODY_FORMS.flatMap((before) => BODY_FORMS.map((after) => [before, after] as const)))(
        '%s is replaced by %s, longer or shorter',
        async (before, after) => {
          for (const [round, size] of [5_000, 90_000, 10].entries()) {
            const bytes = bytesOf(`round ${round}`, size)
            await put(KEY, round % 2 === 0 ? before : after, bytes)
            expectSame(await read(KEY), bytes)
          }
          expect(await kit.leftovers()).toEqual([])
          expect(await keysOf('')).toEqual([[KEY]])
        },
      )

      test('the same file put twice, and under two keys', async () => {
        const bytes = bytesOf('same', 1_000)
        const body = await bodyOf('path', bytes, kit.bodies)
        for (const key of [KEY, KEY, 'live/streams/copy.ts']) await kit.store.put(key, body, OPTIONS)
        expectSame(await read(KEY), bytes)
        expectSame(await read('live/streams/copy.ts'), bytes)
        await kit.store.delete([KEY])
        expectSame(await read('live/streams/copy.ts'), bytes)
        expect(await kit.leftovers()).toEqual([])
      })

      test('bytes that change after the put do not change the object', async () => {
        const bytes = bytesOf('before', 100)
        await put(KEY, 'bytes', bytes)
        bytes.fill(0)
        expectSame(await read(KEY), bytesOf('before', 100))
      })

      test.each(ODD_NAMES)('under the name %j', async (odd) => {
        const key = `live/streams/${odd}`
        await put(key, 'bytes', bytesOf('odd', 10))
        await put(key, 'path', bytesOf('newer', 10))
        expectSame(await read(key), bytesOf('newer', 10))
        expect(await keysOf('live/')).toEqual([[key]])
        await kit.store.delete([key])
        expect(await kit.store.head(key)).toBeNull()
      })
    })

    describe('put is atomic: the old object or the new one, never a part', () => {
      test.each(BODY_FORMS)('%s, read by others all the time', async (form) => {
        let previous = bytesOf('round 0', 50_000)
        await put(KEY, form, previous)
        for (let round = 1; round <= ROUNDS; round++) {
          const next = bytesOf(`round ${round}`, 20_000 + (round % 5) * 40_000)
          const reading = Array.from({ length: READERS }, async (_, reader) => {
            for (let turn = 0; turn < reader; turn++) await new Promise((resolve) => setImmediate(resolve))
            const found = await kit.store.get(KEY)
            return found === null ? undefined : { size: found.size, bytes: await readAll(found.body) }
          })
          const [, ...seen] = await Promise.all([put(KEY, form, next), ...reading])
          for (const value of seen) {
            const isWhole = [previous, next].some(
              (bytes) => value?.size === bytes.length && Buffer.compare(value.bytes, bytes) === 0,
            )
            expect(isWhole, `round ${round}: ${value?.size} bytes promised, ${value?.bytes.length} read`).toBe(true)
          }
          expectSame(await read(KEY), next)
          previous = next
        }
        expect(await kit.leftovers()).toEqual([])
      })

      test('of many puts at once one wins as a whole', async () => {
        const values = Array.from({ length: 12 }, (_, index) => bytesOf(`writer ${index}`, 1_000 + index * 7_000))
        await Promise.all(values.map((bytes, index) => put(KEY, BODY_FORMS[index % 3] ?? 'bytes', bytes)))
        const found = await read(KEY)
        expect(values.some((bytes) => Buffer.compare(bytes, found ?? new Uint8Array(0)) === 0)).toBe(true)
        expect(await kit.leftovers()).toEqual([])
      })

      test('a body that was given stays whole while its object is replaced', async () => {
        const old = bytesOf('old', 200_000)
        await put(KEY, 'stream', old)
        const found = await kit.store.get(KEY)
        await put(KEY, 'stream', bytesOf('newer', 150_000))
        expectSame(found && (await readAll(found.body)), old)
      })
    })

    describe('a put that fails leaves nothing', () => {
      async function* breaksOff(): AsyncGenerator<Uint8Array> {
        yield bytesOf('part', 100_000)
        throw new Error('the source broke off')
      }

      async function* short(): AsyncGenerator<Uint8Array> {
        yield bytesOf('part', 100_000)
      }

      describe.each(['nothing', 'an object'])('where %s was', (was) => {
        beforeEach(async () => {
          if (was === 'an object') await put(KEY, 'bytes', bytesOf('old', 500))
        })

        test('its body breaks off', async () => {
          await failedPut(KEY, streamBody(200_000, breaksOff))
        })

        test.each([200_000, 50_000])('its body of 100,000 bytes was to have %d', async (size) => {
          await failedPut(KEY, streamBody(size, short))
        })

        test.each(BODY_FORMS)('it is aborted before it begins: %s', async (form) => {
          await failedPut(KEY, await bodyOf(form, bytesOf('new', 100), kit.bodies), { signal: AbortSignal.abort() })
        })

        test('it is aborted in the middle', async () => {
          const aborting = new AbortController()
          async function* aborted(): AsyncGenerator<Uint8Array> {
            yield bytesOf('part', 50_000)
            aborting.abort()
            yield bytesOf('part', 50_000)
          }
          await failedPut(KEY, streamBody(100_000, aborted), { signal: aborting.signal })
        })

        test('its file is gone', async () => {
          const body = await bodyOf('path', bytesOf('new', 100), kit.bodies)
          await rm(body.path ?? '')
          await failedPut(KEY, body)
        })
      })
    })

    describe('ifAbsent, where the store has it', () => {
      test.each(BODY_FORMS)('takes a free key, and refuses a taken one as `exists`: %s', async (form) => {
        if (!kit.store.capabilities.conditionalCreate) return
        await put(KEY, form, bytesOf('first', 300), true)
        const body = await bodyOf(form, bytesOf('second', 400), kit.bodies)
        expect(await failedPut(KEY, body, { ifAbsent: true })).toMatchObject({ code: 'exists', retryable: false })
        expectSame(await read(KEY), bytesOf('first', 300))
      })

      test.each(BODY_FORMS)('of many at once exactly one succeeds: %s', async (form) => {
        if (!kit.store.capabilities.conditionalCreate) return
        const values = Array.from({ length: 10 }, (_, index) => bytesOf(`claim ${index}`, 40_000))
        const outcomes = await Promise.allSettled(values.map((bytes) => put(KEY, form, bytes, true)))
        const winners = values.filter((_, index) => outcomes[index]?.status === 'fulfilled')
        expect(winners).toHaveLength(1)
        expectSame(await read(KEY), winners[0] ?? null)
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'exists' })
        }
        expect(await kit.leftovers()).toEqual([])
      })
    })

    describe('what is missing is null', () => {
      test.each(['live/streams/none.ts', 'none', 'live/none/none.ts'])('%s', async (key) => {
        await put(KEY, 'bytes', bytesOf('a', 1))
        expect([await kit.store.get(key), await kit.store.head(key)]).toEqual([null, null])
      })

      test('also what is only the beginning of keys', async () => {
        await put(KEY, 'bytes', bytesOf('a', 1))
        for (const key of ['live', 'live/streams', KEY.slice(0, -1)]) {
          expect((await kit.store.get(key)) === null, key).toBe(true)
          expect(await kit.store.head(key)).toBeNull()
        }
      })
    })

    test('a range has exactly its bytes, and tells the size of the whole', async () => {
      const bytes = new Uint8Array(200_000).map((_, index) => index % 251)
      for (const form of BODY_FORMS) {
        await put(KEY, form, bytes)
        for (const [start, end] of [
          [0, 1],
          [5, 10],
          [65_535, 131_073],
          [199_999, 200_000],
          [0, 200_000],
        ] as const) {
          const found = await kit.store.get(KEY, { range: { start, end } })
          expect(found?.size).toBe(bytes.length)
          expectSame(found && (await readAll(found.body)), bytes.subarray(start, end))
        }
      }
      expect(await kit.store.get('none', { range: { start: 0, end: 1 } })).toBeNull()
    })

    test('delete removes what is there, and does not mind what is not', async () => {
      for (const key of ['a/1.ts', 'a/2.ts', 'b/1.ts']) await put(key, 'bytes', bytesOf(key, 9))
      await kit.store.delete([])
      await kit.store.delete(['none', 'a/none.ts', 'none/none.ts'])
      await kit.store.delete(['a/1.ts', 'a/none.ts', 'b/1.ts'])
      expect(await keysOf('')).toEqual([['a/2.ts']])
      await kit.store.delete(['a/1.ts', 'a/2.ts'])
      expect(await keysOf('')).toEqual([[]])
      await put('a/1.ts', 'path', bytesOf('again', 9))
      expectSame(await read('a/1.ts'), bytesOf('again', 9))
    })

    test('list gives the keys that begin with a prefix, in order, whole folders or not', async () => {
      const keys = ['a.ts', 'a/b.ts', 'a/b/c.ts', 'a/b/d/e.ts', 'a/b-c.ts', 'a/bc/x.ts', 'B/x.ts', 'é/x.ts']
      for (const key of keys) await put(key, 'bytes', bytesOf(key, 3))
      for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b/', 'a/b/d/e.ts', 'B', 'é', 'é/', 'none', 'a/none/']) {
        const wanted = keys.filter((key) => key.startsWith(prefix)).sort()
        expect((await keysOf(prefix)).flat(), prefix).toEqual(wanted)
      }
    })

    test('where a list tells more than keys, it tells what a head does', async () => {
      for (const [index, key] of ['a.ts', 'a/b.ts', 'é/x.ts'].entries()) await put(key, 'bytes', bytesOf(key, index))
      const { keys, heads } = await kit.store.list('')
      if (heads === undefined) return
      expect(heads).toHaveLength(keys.length)
      for (const [index, key] of keys.entries()) {
        const head = await kit.store.head(key)
        expect(heads[index]?.size).toBe(head?.size)
        // HTTP knows no parts of a second.
        expect(Math.abs((heads[index]?.modifiedAt ?? 0) - (head?.modifiedAt ?? 0))).toBeLessThan(1_000)
      }
    })

    test('list finds nothing below an object', async () => {
      await put('a.ts', 'bytes', bytesOf('a', 3))
      expect(await keysOf('a.ts/')).toEqual([[]])
    })

    test(`list comes in pages of at most ${PAGE_KEYS}, nothing twice and nothing left out`, async () => {
      const keys = Array.from(
        { length: MANY_KEYS },
        (_, index) => `live/streams/cam${String(index).padStart(9, '0')}.ts`,
      )
      const tiny = contentOf(bytesOf('t', 1))
      for (let at = 0; at < keys.length; at += 100) {
        await Promise.all(keys.slice(at, at + 100).map((key) => kit.store.put(key, tiny, OPTIONS)))
      }
      await put('live/other/x.ts', 'bytes', bytesOf('x', 1))
      const pages = await keysOf('live/streams/')
      expect(pages.flat()).toEqual(keys)
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(PAGE_KEYS)
      expect(pages).toHaveLength(2)
      expect(await keysOf('live/streams/cam000000')).toEqual([keys.slice(0, PAGE_KEYS)])
    })

    test('flush resolves, with and without anything to flush', async () => {
      await kit.store.flush()
      await put(KEY, 'path', bytesOf('a', 70_000))
      await put('b/c/d.ts', 'bytes', bytesOf('b', 7))
      await Promise.all([kit.store.flush(), kit.store.flush()])
      expectSame(await read(KEY), bytesOf('a', 70_000))
    })
  })
}
