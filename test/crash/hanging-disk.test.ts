import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killStartedServers, type ServerProcess, startServer } from '../support/server-process.ts'

const DRAIN_SECONDS = 1
/** What a stop may take beside, in ms. */
const GRACE_MS = 5_000
const EXIT_MS = 3_000
/** A signal that comes later than that is another. */
const OTHER_SIGNAL_MS = 1_500

let dataDir: string
let server: ServerProcess

/** A server in which a call to the disk hangs: it opens a pipe that nobody writes to in the place of a segment. */
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'hanging-'))
  server = await startServer({ dataDir, settings: { DRAIN_SECONDS: String(DRAIN_SECONDS) } })
  await fetch(`${server.url}/live/hls-upload/a.ts`, { method: 'PUT', body: 'x'.repeat(300_000) })
  const folder = join(dataDir, '.receiver', 'bodies')
  for (const id of readdirSync(folder)) {
    rmSync(join(folder, id))
    execFileSync('mkfifo', [join(folder, id)])
  }
  fetch(`${server.url}/live/streams/a.ts`).catch(() => undefined)
  // Behind that request.
  await fetch(`${server.url}/healthz`)
})

afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

test('P8: a disk that hangs does not hold a stop up for ever', async () => {
  const began = Date.now()
  await server.stop()
  expect(Date.now() - began).toBeLessThan(DRAIN_SECONDS * 1000 + GRACE_MS + EXIT_MS)
  expect(server.stderr()).toContain('hls-receiver: not stopped within 6 s')
})

test('another signal ends a stop at once', async () => {
  void server.stop()
  await sleep(OTHER_SIGNAL_MS)
  const began = Date.now()
  await server.stop()
  expect(Date.now() - began).toBeLessThan(EXIT_MS)
  expect(server.stderr()).toBe('')
})
