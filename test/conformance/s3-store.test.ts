import { afterAll, beforeAll } from 'vitest'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'
import { objectStoreSuite } from './object-store-suite.ts'

let server: S3Server

beforeAll(async () => {
  server = await startS3Server()
})

afterAll(() => server.stop())

for (const checksums of ['when_required', 'when_supported'] as const) {
  objectStoreSuite(`the store in a bucket, checksums ${checksums}`, () => {
    for (const { key } of server.objects.all()) server.objects.delete(key)
    return {
      store: storeOf(server, { checksums }),
      leftovers: async () => [...server.objects.uploads.keys()],
    }
  })
}
