import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { appLayout } from '../../src/stores/app-layout.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'

const OPTIONS = { contentType: 'video/mp2t' }
const ONE = contentOf(new Uint8Array([1]))

describe.each([
  ['streams', 'streams/sub/a1.ts', 'streams/'],
  [':app/streams', 'live/streams/sub/a1.ts', 'live/streams/'],
  ['hls/:app', 'hls/live/sub/a1.ts', 'hls/live/'],
])('the prefix %s', (prefix, key, root) => {
  const key0 = 'live/streams/sub/a1.ts'

  test(`gives ${key0} the key ${key}, for every operation`, async () => {
    const inner = memoryStore(() => 0)
    const store = appLayout(inner, { streams: prefix, previews: 'previews' })
    await store.put(key0, ONE, OPTIONS)
    expect((await inner.list('')).keys).toEqual([key])
    expect((await store.head(key0))?.size).toBe(1)
    expect((await store.get(key0))?.size).toBe(1)
    expect(key.startsWith(root)).toBe(true)
    await store.delete([key0])
    expect((await inner.list('')).keys).toEqual([])
  })

  test('lists keys as they were given', async () => {
    const store = appLayout(
      memoryStore(() => 0),
      { streams: prefix, previews: 'previews' },
    )
    const keys = ['live/streams/a1.ts', 'live/streams/a2.ts', 'live/streams/sub/a1.ts']
    for (const each of [...keys, 'live/streams/b1.ts']) await store.put(each, ONE, OPTIONS)
    expect((await store.list('live/streams/a')).keys).toEqual(keys.slice(0, 2))
    expect((await store.list('live/streams/sub/')).keys).toEqual(keys.slice(2))
    expect((await store.list('live/streams/')).keys).toHaveLength(4)
  })
})

test('P7: with `:app` in the prefix apps have no key in common', async () => {
  const inner = memoryStore(() => 0)
  const store = appLayout(inner, { streams: ':app/streams', previews: ':app/previews' })
  await store.put('one/streams/a.ts', ONE, OPTIONS)
  await store.put('two/streams/a.ts', ONE, OPTIONS)
  for (const app of ['one', 'two']) await store.put(`${app}/previews/sub/a.png`, ONE, OPTIONS)
  const keys = ['one/previews/sub/a.png', 'one/streams/a.ts', 'two/previews/sub/a.png', 'two/streams/a.ts']
  expect((await inner.list('')).keys).toEqual(keys)
  expect((await store.list('one/previews/')).keys).toEqual(['one/previews/sub/a.png'])
})
