import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { requireProgram } from '../support/ffmpeg.ts'
import { killStartedServers } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { TwoReceivers } from './support/two-receivers.ts'

const LIVE_MS = 9_000
/** Longer than a playlist is quiet before what is recorded of it is shared. */
const QUIET_MS = 25_000

let pair: TwoReceivers | undefined

beforeAll(() => requireProgram('ffmpeg', 'ffmpeg'))

afterEach(async () => {
  await pair?.stop()
  await killStartedServers()
})

test('P3, P4, P5: a receiver that stands still with segments in its spool is taken over from, goes on, and gets its streams back', async () => {
  const running = await TwoReceivers.start()
  pair = running
  const { a, b } = running
  await sleep(LIVE_MS)
  a.bucket.hold()
  await until('segments in the spool', async () => ((await running.spooled(a)) >= 6 ? true : undefined), 30_000)
  process.kill(a.server.pid, 'SIGSTOP')
  const atStop = running.acknowledged.length
  await sleep(1_000)
  running.moveTo(b)
  await sleep(LIVE_MS)
  const atB = running.acknowledged.length - atStop
  a.bucket.release()
  process.kill(a.server.pid, 'SIGCONT')
  await sleep(LIVE_MS)
  running.moveTo(a)
  await sleep(LIVE_MS)
  await running.end()
  await sleep(QUIET_MS)
  const found: string[] = []
  for (const name of running.names) {
    const sent = running.acknowledged.filter((upload) => upload.name.startsWith(name)).map(({ hash }) => hash)
    for (const side of [a, b]) {
      const recorded = (await running.recorded(side, name)).filter((hash) => hash !== 'GAP')
      expect(recorded).toEqual(sent)
    }
    found.push(`${name}: ${sent.length}`)
  }
  console.log(
    `acknowledged segments, all in the recordings of both: ${found.join(', ')}; ${atB} by B while A stood still`,
  )
  expect(atB).toBeGreaterThan(running.names.length)
  expect(running.violations).toEqual([])
})
