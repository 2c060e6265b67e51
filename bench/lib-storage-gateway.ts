import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

/** The least that can be done with lib-storage: each request's body is given to an Upload of its own. S3_URL is the store. */
const client = new S3Client({
  endpoint: process.env['S3_URL'] ?? '',
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'testkey', secretAccessKey: 'testsecret' },
  requestHandler: { httpAgent: { maxSockets: 1_000 } },
})

const server = createServer((request, response) => {
  const params = { Bucket: 'recordings', Key: request.url?.split('/').at(-1) ?? '', Body: request }
  new Upload({ client, params }).done().then(
    () => response.writeHead(201, { 'Content-Length': '0' }).end(),
    () => response.destroy(),
  )
})

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`the gateway listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
