import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { killStartedServers, startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-first-'))

afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

// While a claim settles no socket is open that would keep the process.
test('P3: a first start waits until a bucket without conditions is its own, and then takes uploads', async () => {
  const s3 = await startS3Server({ conditions: 'ignore' })
  const server = await startServer({ dataDir, settings: s3Environment(s3.url) })
  const name = 'cam000000001.ts'
  const answer = await fetch(`${server.url}/live/hls-upload/${name}`, { method: 'PUT', body: 'first' })
  expect(answer.status).toBe(201)
  const stored = () => s3.objects.get(`live/streams/${name}`)?.bytes.toString()
  await until('the segment in the bucket', () => (stored() === 'first' ? true : undefined))
  expect(await server.stop()).toBe(0)
  await s3.stop()
})
