import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Bodies up to this size, in bytes, are kept and given back: who owns a prefix is written down in one. */
const KEPT_BYTES = 1_000

/** A bucket that keeps nothing large: it reads what is put, as fast as it is told to, and says when. */
export interface S3Sink {
  readonly url: string
  /** Bytes a second that it reads of each object; infinite: as fast as it can. */
  bytesPerSecond: number
  /** Objects that came whole. */
  readonly count: number
  /** Resolves with the moment, of `performance.now()`, when the object of a key was whole. */
  whole(key: string): Promise<number>
  stop(): Promise<void>
}

/** Starts it on a free port of 127.0.0.1. It answers PUT, and uploads in parts, and checks nothing. */
export async function startS3Sink(): Promise<S3Sink> {
  const waiting = new Map<string, (at: number) => void>()
  const done = new Map<string, number>()
  const kept = new Map<string, Buffer>()
  let count = 0
  const server = createServer((request, response) => {
    void take(request, response, { rate: () => sink.bytesPerSecond, kept }).then((key) => {
      if (key === undefined) return
      count++
      const at = performance.now()
      const wake = waiting.get(key)
      waiting.delete(key)
      if (wake === undefined) done.set(key, at)
      else wake(at)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sink: S3Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    get count() {
      return count
    },
    whole(key) {
      const at = done.get(key)
      done.delete(key)
      return at === undefined ? new Promise((resolve) => waiting.set(key, resolve)) : Promise.resolve(at)
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return sink
}

/** Reads a request to its end and answers it; gives the key of an object that is whole now. */
async function take(
  request: IncomingMessage,
  response: ServerResponse,
  { rate, kept }: { rate(): number; readonly kept: Map<string, Buffer> },
): Promise<string | undefined> {
  const url = new URL(request.url ?? '/', 'http://sink')
  if (request.method !== 'PUT' && request.method !== 'POST') {
    const found = kept.get(url.pathname)
    response.writeHead(found === undefined ? 404 : 200).end(found)
    return undefined
  }
  const small: Uint8Array[] = []
  const began = performance.now()
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes <= KEPT_BYTES) small.push(chunk)
    const early = (bytes / rate()) * 1000 - (performance.now() - began)
    if (early > 1) await sleep(early)
  }
  if (bytes <= KEPT_BYTES) kept.set(url.pathname, Buffer.concat(small))
  const isPart = url.searchParams.has('partNumber')
  const isBegin = url.searchParams.has('uploads')
  const id = '<UploadId>1</UploadId>'
  const xml = isBegin ? `<InitiateMultipartUploadResult>${id}</InitiateMultipartUploadResult>` : '<Done></Done>'
  const body = request.method === 'POST' ? `<?xml version="1.0"?>${xml}` : ''
  response.writeHead(200, { ETag: '"1"', 'Content-Length': body.length }).end(body)
  if (isPart || isBegin) return undefined
  return decodeURIComponent(url.pathname).split('/').slice(2).join('/')
}
