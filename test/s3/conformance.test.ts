import { afterAll, beforeAll } from 'vitest'
import { objectStoreSuite } from '../conformance/object-store-suite.ts'
import { storeOf } from '../support/s3/store.ts'
import { Buckets } from './support/buckets.ts'
import { type Ceph, startCeph } from './support/ceph.ts'

let ceph: Ceph
let buckets: Buckets
let count = 0

beforeAll(async () => {
  ceph = await startCeph()
  buckets = new Buckets(ceph.url)
})

afterAll(async () => {
  buckets.close()
  await ceph.stop()
})

objectStoreSuite('the store in a bucket of Ceph', async () => {
  const bucket = `suite-${++count}`
  await buckets.create(bucket)
  const leftovers = async () => {
    const open = await buckets.openUploads(bucket)
    return open === 0 ? [] : [`${open} open uploads`]
  }
  return { store: storeOf(ceph, { bucket }), leftovers }
})
