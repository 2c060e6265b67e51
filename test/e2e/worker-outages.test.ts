import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { requireProgram } from '../support/ffmpeg.ts'
import { killStartedServers } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { killStartedWorkers } from '../support/worker-process.ts'
import { holdReads, picturesOf, REDIS_PASSWORD, WorkerFarm } from './support/worker-farm.ts'

/** A worker that died is noticed after 10 s at the earliest. */
const BEFORE_ANY_LOOK_MS = 8_000
const WRONG_KEY = 'another-key-of-workers'

let farm: WorkerFarm

beforeAll(() => requireProgram('ffmpeg', 'ffmpeg'))

afterEach(async () => {
  await killStartedWorkers()
  await killStartedServers()
  await farm.close()
})

test('a worker with a wrong key ends at once, says why, and takes no job from those with the right one', async () => {
  farm = await WorkerFarm.open()
  const gate = await farm.gate()
  const wrong = farm.worker(gate, { WORKER_KEY: WRONG_KEY })
  expect(await wrong.exited).toBe(2)
  expect(wrong.output()).toContain('does not take WORKER_KEY')
  expect(wrong.output()).not.toContain(WRONG_KEY)
  await farm.record('cam')
  await farm.worker(gate).works()
  expect(await farm.files(1)).toHaveLength(1)
  expect(farm.begun).toBe(1)
})

test('a worker that is told to stop hands its job to another at once, and leaves nothing', async () => {
  farm = await WorkerFarm.open()
  const [first, second] = [await farm.gate(), await farm.gate()]
  const leaving = farm.worker(first)
  await leaving.works()
  const { held } = holdReads(first)
  const pictures = await farm.record('cam')
  await held
  await farm.worker(second).works()
  const since = performance.now()
  leaving.signal('SIGTERM')
  expect(await leaving.exited).toBe(0)
  expect(leaving.left()).toEqual([])
  const [file] = await farm.files(1)
  expect(performance.now() - since).toBeLessThan(BEFORE_ANY_LOOK_MS)
  if (file !== undefined) expect(await picturesOf(await farm.download(file))).toBe(pictures)
  expect(farm.taken).toHaveLength(1)
})

test('a receiver that is killed, and starts again, takes what the worker made meanwhile: nothing is done twice', async () => {
  farm = await WorkerFarm.open()
  const gate = await farm.gate()
  await farm.worker(gate).works()
  const { held, release } = holdReads(gate)
  await farm.record('cam')
  await held
  await farm.restartReceiver()
  release()
  expect(await farm.files(1)).toHaveLength(1)
  expect(farm.begun).toBe(1)
  expect(farm.taken).toHaveLength(1)
  expect(readdirSync(join(farm.dataDir, '.receiver/made'))).toEqual([])
})

test('without Redis the receiver starts and takes uploads; jobs wait, and are done when it is there', async () => {
  farm = await WorkerFarm.open({ isRedisAway: true })
  await farm.record('cam')
  const waiting = await until('a job that failed', async () => (await farm.jobs()).find(({ error }) => error !== null))
  expect(waiting.error).toMatchObject({ code: 'queue-unavailable' })
  expect(waiting.state).not.toBe('failed')
  expect((await fetch(`${farm.receiver.url}/readyz`)).status).toBe(200)
  await farm.redis.again()
  await farm.worker(await farm.gate()).works()
  expect(await farm.files(1)).toHaveLength(1)
  const written = farm.receiver.stdout() + farm.receiver.stderr()
  expect(written.match(/"redis failed"/g)).toHaveLength(1)
  expect(written.match(/"redis reached"/g)).toHaveLength(1)
  for (const secret of [REDIS_PASSWORD, encodeURIComponent(REDIS_PASSWORD)]) expect(written).not.toContain(secret)
})

test('a job that is cancelled is ended by the worker that is at it, which goes on with the next', async () => {
  farm = await WorkerFarm.open()
  const gate = await farm.gate()
  const worker = farm.worker(gate)
  await worker.works()
  const { held } = holdReads(gate, () => farm.begun === 1)
  await farm.record('cancelled')
  await held
  const [job] = await farm.jobs()
  expect(await farm.ask(`/jobs/${job?.id}`, 'DELETE')).toMatchObject({ success: true })
  await farm.record('next')
  expect((await farm.files(1)).map(({ vodName }) => vodName)).toEqual(['next.mp4'])
  expect(worker.output()).toContain('order-unknown')
  expect(worker.left()).toEqual([])
})
