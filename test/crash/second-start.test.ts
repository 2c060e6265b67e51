import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { bodyMaker } from '../support/bodies.ts'
import { HttpReader } from '../support/http-reader.ts'
import { seededRandom } from '../support/random.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { killStartedServers, launchServer, startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const BODY_BYTES = 300 * 1024

const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-second-'))
afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

it('P1: a second start on the same folder takes nothing from the first', async () => {
  const first = await startServer({ dataDir })
  const { bytes, hash } = bodyMaker(seededRandom(1))('second', BODY_BYTES)
  let hasStarted = () => {}
  const secondStart = new Promise<void>((resolve) => {
    hasStarted = resolve
  })
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, BODY_BYTES / 2)
    await secondStart
    yield bytes.subarray(BODY_BYTES / 2)
  }
  const connection = new RawConnection(first.port)
  const answer = connection.put('/live/hls-upload/stream1000000001.ts', pieces())
  const bodies = join(dataDir, '.receiver', 'bodies')
  await until('the upload to have its file', () => (readdirSync(bodies).length === 1 ? true : undefined))
  const second = launchServer({ dataDir })
  await Promise.race([second.listening.catch(() => undefined), second.exited])
  hasStarted()
  expect(await answer).toBe(201)
  await connection.end()
  const reader = new HttpReader(first.url)
  expect(await reader.read('/live/hls-upload/stream1000000001.ts')).toMatchObject({ status: 200, hash })
  reader.close()
})
