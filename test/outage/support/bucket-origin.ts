import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestObjects } from '../../support/s3/objects.ts'

/** What is in a bucket, read as players would who go there. */
export interface BucketOrigin {
  readonly url: string
  stop(): Promise<void>
}

/** Serves `/APP/streams/…` from the objects of a test server, whatever faults that has. */
export async function startBucketOrigin(objects: TestObjects): Promise<BucketOrigin> {
  const server = createServer((request, answer) => {
    const object = objects.get(decodeURIComponent((request.url ?? '').slice(1)))
    answer.writeHead(object === undefined ? 404 : 200).end(object?.bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
