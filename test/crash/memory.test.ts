import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { calmMemory, resetPeak, residentMemory } from '../support/process-memory.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { killStartedServers, startServer } from '../support/server-process.ts'

const MIB = 1024 * 1024
const UPLOADS = 200
const UPLOAD_BYTES = 8 * MIB
const WARM_UPLOADS = 8
const PIECE_BYTES = 64 * 1024
const MAX_GROWTH_BYTES = 200_000_000

const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-memory-'))
afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

it('P6: 200 uploads of 8 MiB at once stay under 200 MB above idle', async () => {
  const server = await startServer({ dataDir })
  expect(await uploadAtOnce(server.port, 'warm', WARM_UPLOADS)).toEqual({ 201: WARM_UPLOADS })
  const idle = await calmMemory(server.pid)
  resetPeak(server.pid)
  const began = Date.now()
  expect(await uploadAtOnce(server.port, 'live', UPLOADS)).toEqual({ 201: UPLOADS })
  const seconds = (Date.now() - began) / 1000
  const { peak } = residentMemory(server.pid)
  const figures = [idle, peak, peak - idle].map((bytes) => `${(bytes / MIB).toFixed(1)} MiB`)
  console.log(`idle ${figures[0]}, peak ${figures[1]}, growth ${figures[2]}; took ${seconds.toFixed(1)} s`)
  expect(peak - idle).toBeLessThan(MAX_GROWTH_BYTES)
  expect(await server.stop(), server.stderr()).toBe(0)
  const streams = join(dataDir, 'live', 'streams')
  const whole = readdirSync(streams).filter((name) => statSync(join(streams, name)).size === UPLOAD_BYTES)
  expect(whole).toHaveLength(UPLOADS + WARM_UPLOADS)
})

/** Uploads on as many connections, all of them half done at one moment; resolves with how often each status came. */
async function uploadAtOnce(port: number, label: string, count: number): Promise<Record<string, number>> {
  const filler = Buffer.alloc(PIECE_BYTES, label)
  const halfway = meeting(count)
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `${label}${String(index).padStart(5, '0')}.ts`
      const connection = new RawConnection(port)
      const status = await connection.put(`/live/hls-upload/${name}`, pieces(name, filler, halfway))
      await connection.end()
      return status
    }),
  )
  const counts: Record<string, number> = {}
  for (const status of statuses) counts[String(status)] = (counts[String(status)] ?? 0) + 1
  return counts
}

/** The body of a name, of which only the beginning is its own. In its middle it waits for all others to be there. */
async function* pieces(name: string, filler: Uint8Array, halfway: () => Promise<void>): AsyncGenerator<Uint8Array> {
  const head = Buffer.from(name)
  yield head
  yield filler.subarray(head.length)
  for (let sent = filler.length; sent < UPLOAD_BYTES; sent += filler.length) {
    if (sent === UPLOAD_BYTES / 2) await halfway()
    yield filler
  }
}

/** A point that nobody passes before `count` have come to it. */
function meeting(count: number): () => Promise<void> {
  let missing = count
  let open = () => {}
  const complete = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    if (--missing === 0) open()
    return complete
  }
}
