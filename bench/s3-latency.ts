import { get, request } from 'node:http'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { S3Sink } from './s3-sink.ts'

const PIECE_BYTES = 32 * 1024

/** Times of segments, in ms, sorted. */
export interface Latencies {
  /** Last byte in → GET answers 200 at the origin. */
  readonly toOrigin: readonly number[]
  /** Last byte in → object in the bucket. */
  readonly toBucket: readonly number[]
  /** A bare PutObject of the same bytes by the SDK: begin → object in the bucket. */
  readonly bare: readonly number[]
}

/** Pushes segments one after the other, and between them puts the same by the SDK alone. */
export async function latenciesOf(port: number, sink: S3Sink, count: number, size: number): Promise<Latencies> {
  const client = bareClient(sink)
  const [toOrigin, toBucket, bare]: [number[], number[], number[]] = [[], [], []]
  for (let index = 0; index < count; index++) {
    const body = Buffer.alloc(size, `segment ${index};`)
    const name = `cam${String(index).padStart(9, '0')}.ts`
    const stored = sink.whole(`streams/${name}`)
    const sentAt = await push(port, name, body)
    toOrigin.push((await fetchedAt(port, name)) - sentAt)
    toBucket.push((await stored) - sentAt)
    const direct = sink.whole(`bare/${name}`)
    const began = performance.now()
    await client.send(new PutObjectCommand({ Bucket: 'recordings', Key: `bare/${name}`, Body: body }))
    bare.push((await direct) - began)
  }
  client.destroy()
  const sorted = (times: number[]) => times.sort((one, other) => one - other)
  return { toOrigin: sorted(toOrigin), toBucket: sorted(toBucket), bare: sorted(bare) }
}

function bareClient(sink: S3Sink): S3Client {
  const credentials = { accessKeyId: 'testkey', secretAccessKey: 'testsecret' }
  return new S3Client({ endpoint: sink.url, region: 'us-east-1', forcePathStyle: true, credentials })
}

/** Sends a segment chunked, and gives the moment when its last byte was written; the answer is not waited for. */
function push(port: number, name: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port, path: `/live/hls-upload/${name}`, method: 'PUT', agent: false })
    sending.on('error', reject)
    sending.on('response', (answer) => answer.resume())
    for (let at = 0; at < body.length; at += PIECE_BYTES) sending.write(body.subarray(at, at + PIECE_BYTES))
    sending.end(() => resolve(performance.now()))
  })
}

/** Asks again and again until a segment is served; the moment of its last byte. */
async function fetchedAt(port: number, name: string): Promise<number> {
  for (;;) {
    const status = await statusOf(port, name)
    if (status === 200) return performance.now()
  }
}

function statusOf(port: number, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: `/live/streams/${name}` }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    }).on('error', reject)
  })
}
