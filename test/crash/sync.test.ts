import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { bodyMaker, piecesOf } from '../support/bodies.ts'
import { type Random, seededRandom, seedOfRun } from '../support/random.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { killStartedServers } from '../support/server-process.ts'
import { viewJournal } from './journal-view.ts'
import { auditAnswers, type BodyPlace, countSyncs } from './sync-audit.ts'
import { readTrace, type TraceReading } from './trace-reading.ts'
import { startTracedServer } from './traced-server.ts'

const KIB = 1024
const ALL_SIZES = [400, 20 * KIB, 200 * KIB, 1024 * KIB]
const SMALL_SIZES = [400, 4 * KIB, 20 * KIB, 60 * KIB, 200 * KIB]
const PIECE_BYTES = 32 * KIB
/** How often uploads are traced until they share enough of their syncs. */
const MAX_TRACES = 5

interface Batch {
  readonly uploads: number
  readonly atOnce: number
  readonly sizes: readonly number[]
}

interface TracedRun {
  readonly reading: TraceReading
  readonly places: ReadonlyMap<string, BodyPlace>
  /** How many uploads their clients saw answered 201. */
  readonly created: number
}

describe('P1: no 201 is written before the sync that covers it', () => {
  const folders: string[] = []
  afterEach(async () => {
    await killStartedServers()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  /** Runs a real server under strace, uploads the batches one after another, and reads what it did. */
  async function trace(
    scope: 'files' | 'all',
    batches: readonly Batch[],
    settings: Record<string, string> = {},
  ): Promise<TracedRun> {
    const folder = mkdtempSync(join(tmpdir(), 'hls-receiver-sync-'))
    folders.push(folder)
    const dataDir = join(folder, 'data')
    const seed = seedOfRun()
    console.log(`SEED=${seed} replays this test`)
    const random = seededRandom(seed)
    const { server, finish } = await startTracedServer(dataDir, join(folder, 'trace'), scope, settings)
    let created = 0
    for (const [index, batch] of batches.entries()) created += await upload(server.port, `b${index}`, batch, random)
    const reading = readTrace(await finish())
    return { reading, places: await bodyPlaces(dataDir), created }
  }

  it('of any size, one by one, 50 and 200 at once', async () => {
    const { reading, places, created } = await trace('all', [
      { uploads: 40, atOnce: 1, sizes: ALL_SIZES },
      { uploads: 300, atOnce: 50, sizes: ALL_SIZES },
      { uploads: 400, atOnce: 200, sizes: ALL_SIZES },
    ])
    expect(created).toBe(740)
    expect(reading.answers.length).toBe(created)
    expect(auditAnswers(reading, places)).toEqual([])
    const large = [...places.values()].filter(({ file }) => file !== undefined).length
    expect(large).toBeGreaterThan(100)
    console.log(`${created} times 201, each after its sync; ${large} of them of bodies in their own file`)
  })

  it.each([
    ['of 400 B to 200 KiB', SMALL_SIZES, 1.2],
    ['of 200 KiB, each in its own file', [200 * KIB], 1.2],
  ] as const)('and 200 at once, %s, share their syncs', async (what, sizes, most) => {
    let least = Number.POSITIVE_INFINITY
    // Other work on the machine spreads uploads, which then share less.
    for (let run = 0; run < MAX_TRACES && least > most; run++) {
      const { reading, created } = await trace('files', [{ uploads: 1500, atOnce: 200, sizes }])
      expect(created).toBe(1500)
      const { fsync, fdatasync, writeThrough } = countSyncs(reading)
      const perFile = (fsync + fdatasync + writeThrough) / created
      const parts = `${fsync} fsync, ${fdatasync} fdatasync, ${writeThrough} O_DSYNC writes`
      console.log(`${created} files ${what}: ${parts}; ${perFile.toFixed(3)} syncs a file, at most ${most}`)
      expect(fdatasync).toBeGreaterThan(0)
      least = Math.min(least, perFile)
    }
    expect(least).toBeLessThanOrEqual(most)
  })

  it('which this very check denies where DURABILITY=os', async () => {
    const batch = { uploads: 100, atOnce: 10, sizes: ALL_SIZES }
    const { reading, places, created } = await trace('all', [batch], { DURABILITY: 'os' })
    expect(reading.answers.length).toBe(created)
    expect(auditAnswers(reading, places)).toHaveLength(created)
  })
})

/** Uploads a batch, each on a new connection; resolves with the number of 201s. */
async function upload(port: number, label: string, batch: Batch, random: Random): Promise<number> {
  const bodyOf = bodyMaker(random)
  let next = 0
  let created = 0
  const client = async () => {
    while (next < batch.uploads) {
      const number = next++
      const name = `${label}-${String(number).padStart(5, '0')}.ts`
      const { bytes } = bodyOf(name, batch.sizes[number % batch.sizes.length] ?? 400)
      const connection = new RawConnection(port)
      if ((await connection.put(`/live/hls-upload/${name}`, piecesOf(bytes, PIECE_BYTES))) === 201) created++
      await connection.end()
    }
  }
  await Promise.all(Array.from({ length: batch.atOnce }, client))
  return created
}

async function bodyPlaces(dataDir: string): Promise<Map<string, BodyPlace>> {
  const objects = await viewJournal(dataDir, (journal) => journal.objects('live'))
  return new Map(
    [...objects].map(([name, { id, size, inline }]) => [name, { file: inline ? undefined : id, size }] as const),
  )
}
