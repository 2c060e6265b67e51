import { expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import type { ObjectStore } from '../../src/core/object-store.ts'
import type { OwnUpload } from '../../src/core/products/products.ts'
import { StoredProducts } from '../../src/core/products/stored-products.ts'
import { toBytes } from '../../src/core/records.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'

const NAME = 'cam.mp4'
const KEY = `live/streams/${NAME}`
const TOKEN = 'vod-1'
const UPLOAD = { token: TOKEN, isReplacing: false }
const TO_COME: OwnUpload = { token: TOKEN, isUploaded: false }
const UPLOADED: OwnUpload = { token: TOKEN, isUploaded: true }

/** A kept file, and a bucket that keeps tokens or does not. */
async function kept({ keepsTokens }: { readonly keepsTokens: boolean }) {
  const local = memoryStore(() => 0)
  const bucket = memoryStore(() => 0)
  const head = bucket.head.bind(bucket)
  if (!keepsTokens) bucket.head = async (key) => withoutToken(await head(key))
  const place = { local, bucket, goesToBucket: true, cacheControl: '' }
  const products = new StoredProducts({ vod: place, preview: place })
  await products.keep('vod', 'live', NAME, contentOf(toBytes('own')))
  return { local, bucket, products }
}

function withoutToken(head: Awaited<ReturnType<ObjectStore['head']>>) {
  return head && { size: head.size, modifiedAt: head.modifiedAt }
}

const keysIn = async (store: ObjectStore) => (await store.list('')).keys

test.each([true, false])(
  'P3: where the bucket keeps tokens (%s), a file of another of the name stays',
  async (keepsTokens) => {
    const { local, bucket, products } = await kept({ keepsTokens })
    await bucket.put(KEY, contentOf(toBytes('another')), { contentType: 'video/mp4', token: 'vod-0' })
    await expect(products.upload('vod', 'live', NAME, UPLOAD)).rejects.toMatchObject({ code: 'exists' })
    await products.remove('vod', 'live', NAME, TO_COME)
    expect([await keysIn(local), await keysIn(bucket)]).toEqual([[], [KEY]])
  },
)

test('P3: a file that took the place of one that was uploaded stays, as far as its token tells', async () => {
  const { bucket, products } = await kept({ keepsTokens: true })
  await products.upload('vod', 'live', NAME, UPLOAD)
  await bucket.put(KEY, contentOf(toBytes('another')), { contentType: 'video/mp4', token: 'vod-2' })
  await products.remove('vod', 'live', NAME, UPLOADED)
  expect(await keysIn(bucket)).toEqual([KEY])
})

test.each([true, false])('where the bucket keeps tokens (%s), what was uploaded goes', async (keepsTokens) => {
  const { bucket, products } = await kept({ keepsTokens })
  await products.upload('vod', 'live', NAME, UPLOAD)
  await products.remove('vod', 'live', NAME, UPLOADED)
  expect(await keysIn(bucket)).toEqual([])
})

test('an upload of whose end nobody heard is known by its token', async () => {
  const { bucket, products } = await kept({ keepsTokens: true })
  await products.upload('vod', 'live', NAME, UPLOAD)
  await products.remove('vod', 'live', NAME, TO_COME)
  expect(await keysIn(bucket)).toEqual([])
})

test('what nothing is known of goes from the disk alone', async () => {
  const { local, bucket, products } = await kept({ keepsTokens: true })
  await bucket.put(KEY, contentOf(toBytes('another')), { contentType: 'video/mp4' })
  await products.discard('vod', 'live', NAME)
  expect([await keysIn(local), await keysIn(bucket)]).toEqual([[], [KEY]])
})
