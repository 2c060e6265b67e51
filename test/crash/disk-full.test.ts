import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { killStartedServers, startServer } from '../support/server-process.ts'

const FILE_LIMIT_BYTES = 2_000_000
const BODY = new Uint8Array(60_000).fill(7)
const UPLOADS = 100
const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-'))

afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

test('a journal that cannot grow is answered 503 or 507; what was acknowledged before is still served', async () => {
  const server = await startServer({ dataDir, under: ['prlimit', `--fsize=${FILE_LIMIT_BYTES}`] })
  const statuses: number[] = []
  for (let n = 0; n < UPLOADS; n++) {
    BODY[0] = n
    const answer = await fetch(`${server.url}/live/hls-upload/full${n}.ts`, { method: 'PUT', body: BODY })
    statuses.push(answer.status)
  }
  expect(statuses).toContain(201)
  expect(statuses.filter((status) => status !== 201).length).toBeGreaterThan(0)
  expect(statuses.filter((status) => ![201, 503, 507].includes(status))).toEqual([])
  const acknowledged = statuses.flatMap((status, n) => (status === 201 ? [n] : []))
  for (const n of acknowledged) {
    expect((await fetch(`${server.url}/live/streams/full${n}.ts`)).status, `full${n}.ts`).toBe(200)
  }
})
