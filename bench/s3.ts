import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { S3_HEADING, writePart } from './benchmarks-file.ts'
import { machineFacts } from './document.ts'
import { fileSystemOf } from './file-system.ts'
import { table } from './report.ts'
import { type Latencies, latenciesOf } from './s3-latency.ts'
import { type MemoryCost, mebibytes, memoryOf } from './s3-memory.ts'
import { startGateway, startS3Receiver } from './s3-servers.ts'
import { startS3Sink } from './s3-sink.ts'

const MIB = 1024 * 1024
/** Many large uploads at once, to a store that is slow with each. */
const LARGE = { count: 200, size: 8 * MIB }
const SLOW_BYTES_PER_SECOND = 1_000_000
/** What they may cost the receiver, in bytes. */
const MAX_MEMORY_BYTES = 300 * MIB
const SEGMENT_BYTES = 500_000
const SEGMENTS = 1_000
const QUICK_SEGMENTS = 200

interface Result {
  readonly latencies: Latencies
  readonly receiver: MemoryCost
  readonly libStorage: MemoryCost
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
    },
  })
  const fileSystem = fileSystemOf(values.folder)
  const folder = mkdtempSync(join(values.folder, 'hls-receiver-bench-'))
  try {
    const segments = values.quick ? QUICK_SEGMENTS : SEGMENTS
    const result = await run(folder, segments)
    const text = documentOf(result, segments, fileSystem)
    process.stdout.write(`\n${text}\n`)
    if (values.write) writePart(S3_HEADING, text)
    if (result.receiver.bytes > MAX_MEMORY_BYTES) throw new Error(`more than ${mebibytes(MAX_MEMORY_BYTES)} of memory`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(folder: string, segments: number): Promise<Result> {
  const sink = await startS3Sink()
  const receiver = await startS3Receiver(join(folder, 'receiver'), sink)
  const gateway = await startGateway(join(folder, 'gateway'), sink)
  try {
    const [port, gatewayPort] = [await receiver.port(), await gateway.port()]
    process.stderr.write(`${segments} segments one after the other\n`)
    const latencies = await latenciesOf(port, sink, segments, SEGMENT_BYTES)
    sink.bytesPerSecond = SLOW_BYTES_PER_SECOND
    process.stderr.write(`${LARGE.count} uploads at once to the receiver\n`)
    const ours = await memoryOf(receiver, port, sink, LARGE)
    process.stderr.write(`${LARGE.count} uploads at once to lib-storage alone\n`)
    const libStorage = await memoryOf(gateway, gatewayPort, sink, LARGE)
    return { latencies, receiver: ours, libStorage }
  } finally {
    await gateway.stop()
    await receiver.stop()
    await sink.stop()
  }
}

function documentOf({ latencies, receiver, libStorage }: Result, segments: number, fileSystem: string): string {
  const at = (times: readonly number[], part: number) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0).toFixed(1)
  const row = (what: string, times: readonly number[]) => [what, at(times, 0.5), at(times, 0.95), at(times, 0.99)]
  const times = table(
    ['from the last byte in', 'p50, ms', 'p95, ms', 'p99, ms'],
    [
      row('to a GET that is answered 200', latencies.toOrigin),
      row('to the object in the bucket', latencies.toBucket),
      row('a bare PutObject of the SDK, from its begin', latencies.bare),
    ],
  )
  const memory = table(
    ['server', 'memory above idle', 'until the bucket has all, s'],
    [
      ['hls-receiver', mebibytes(receiver.bytes), receiver.seconds.toFixed(0)],
      ['lib-storage alone', mebibytes(libStorage.bytes), libStorage.seconds.toFixed(0)],
    ],
  )
  return `${S3_HEADING}

\`npm run bench:s3 -- --write\` makes this part. The bucket is an HTTP server on 127.0.0.1 that reads what it gets.

${segments} segments of ${SEGMENT_BYTES / 1000} kB, chunked, one after the other, each on a connection of its own; the receiver
with \`DURABILITY=fsync\`. Between them the SDK puts the same bytes from memory, in the process that measures.

${times}

${LARGE.count} uploads of ${LARGE.size / MIB} MiB at once, to a bucket that takes ${SLOW_BYTES_PER_SECOND / 1e6} MB/s of each. The receiver keeps them in files
and puts 64 at a time; lib-storage alone gives each request's body to an \`Upload\` of its own, and nothing is durable.

${memory}

${machineFacts(fileSystem).join('\n')}`
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe benchmark failed. ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
