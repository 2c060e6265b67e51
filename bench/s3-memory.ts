import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { calmMemory, resetPeak, residentMemory } from '../test/support/process-memory.ts'
import type { S3Sink } from './s3-sink.ts'
import type { ServerProcess } from './server-process.ts'

const MIB = 1024 * 1024
const PIECE_BYTES = 32 * 1024
const STEP_MS = 200

/** What many large uploads at once cost. */
export interface MemoryCost {
  /** Peak of resident memory above that before the first upload, in bytes. */
  readonly bytes: number
  /** From the first byte to the last object in the store, in s. */
  readonly seconds: number
}

/** Puts `count` files of `size` bytes at once, and waits until the sink has them all. */
export async function memoryOf(
  server: ServerProcess,
  port: number,
  sink: S3Sink,
  { count, size }: { readonly count: number; readonly size: number },
): Promise<MemoryCost> {
  const idle = await calmMemory(server.pid)
  resetPeak(server.pid)
  const before = sink.count
  const began = performance.now()
  const body = Buffer.alloc(size, 'segment;')
  await Promise.all(
    Array.from({ length: count }, (_, index) => put(port, `/live/hls-upload/large${index}.ts`, body, index)),
  )
  while (sink.count < before + count) await sleep(STEP_MS)
  return { bytes: residentMemory(server.pid).peak - idle, seconds: (performance.now() - began) / 1000 }
}

/** One file, chunked and of bytes of its own, as its reader takes it. */
async function put(port: number, path: string, body: Buffer, index: number): Promise<void> {
  const sending = request({ host: '127.0.0.1', port, path, method: 'PUT', agent: false })
  const answered = new Promise<void>((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', (answer) => answer.resume().on('end', resolve))
  })
  sending.write(`file ${index};`)
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    if (!sending.write(body.subarray(at, at + PIECE_BYTES)))
      await new Promise((resolve) => sending.once('drain', resolve))
  }
  sending.end()
  await answered
}

/** As in `12.3 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`
}
