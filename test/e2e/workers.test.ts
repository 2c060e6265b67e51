import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { decode, requireProgram } from '../support/ffmpeg.ts'
import type { HttpGate } from '../support/http-gate.ts'
import { killStartedServers } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { killStartedWorkers, type WorkerProcess } from '../support/worker-process.ts'
import { holdReads, picturesOf, REDIS_PASSWORD, SECONDS, WORKER_KEY, WorkerFarm } from './support/worker-farm.ts'

const JOBS = 20

let farm: WorkerFarm

beforeAll(() => requireProgram('ffmpeg', 'ffmpeg'))

beforeEach(async () => {
  farm = await WorkerFarm.open()
})

afterEach(async () => {
  await killStartedWorkers()
  await killStartedServers()
  await farm.close()
})

/** Ends a worker by SIGKILL while it reads what its third job is of, and resolves when it is gone. */
async function killWithinThirdJob(gate: HttpGate, worker: WorkerProcess): Promise<void> {
  const begun = () => gate.passed.filter(({ path }) => path.endsWith('percent=0')).length
  await holdReads(gate, () => begun() >= 3).held
  worker.signal('SIGKILL')
  expect(await worker.exited).toBeNull()
}

/** Ends Redis with everything in it, and starts it again, while jobs wait in it and a worker is at one. */
async function loseRedis(release: () => void): Promise<void> {
  await until('jobs that wait', async () => ((await farm.jobs()).length === JOBS / 2 ? true : undefined), 60_000)
  await farm.redis.kill9()
  await farm.redis.again()
  release()
}

test('20 jobs and two workers, one killed within a job, and Redis killed: 20 results, once each', async () => {
  const [first, second] = [await farm.gate(), await farm.gate()]
  const [doomed, other] = [farm.worker(first), farm.worker(second)]
  await Promise.all([doomed.works(), other.works()])
  const killed = killWithinThirdJob(first, doomed)
  const pictures = new Map<string, string>()
  const record = async (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      pictures.set(`cam${number}.mp4`, await farm.record(`cam${number}`, number * 18))
    }
  }
  await record(0, JOBS / 2)
  await killed
  // That of the killed worker, too.
  await farm.files(JOBS / 2)
  const { release } = holdReads(second)
  await record(JOBS / 2, JOBS)
  await loseRedis(release)
  const files = await farm.files(JOBS)

  expect(files.map(({ vodName }) => vodName).sort()).toEqual([...pictures.keys()].sort())
  expect(farm.taken).toHaveLength(JOBS)
  expect(new Set(farm.taken).size).toBe(JOBS)
  for (const file of files) {
    const path = await farm.download(file)
    expect(await picturesOf(path)).toBe(pictures.get(file.vodName))
    expect((await decode(path)).stderr).toBe('')
    expect(Math.abs(file.duration - SECONDS * 1_000)).toBeLessThan(100)
  }
  expect(await farm.jobs()).toEqual([])
  expect(other.left()).toEqual([])
  const written = other.output() + doomed.output() + farm.receiver.stdout() + farm.receiver.stderr()
  for (const secret of [REDIS_PASSWORD, encodeURIComponent(REDIS_PASSWORD), WORKER_KEY]) {
    expect(written).not.toContain(secret)
  }
})
