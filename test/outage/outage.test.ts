import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { bytesOf } from '../conformance/store-bodies.ts'
import { requireProgram } from '../support/ffmpeg.ts'
import { seededRandom } from '../support/random.ts'
import type { Fault, S3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'
import { killStartedServers } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { Broadcast } from './support/broadcast.ts'

/** How long the store has its fault, in seconds. */
const OUTAGE_SECONDS = Number(process.env['OUTAGE_SECONDS'] ?? 12)
const BEFORE_MS = 8_000
const AFTER_MS = 8_000
/** Segments a second that ten encoders send. */
const INPUT_RATE = 5
const TARGET_DURATION_MS = 2_000
/** The bucket's write interval, and one segment. */
const BUCKET_LAG_MS = 1_000 + TARGET_DURATION_MS
/** What is live is no backlog. */
const LIVE_OBJECTS = 10
const SEGMENT_BYTES = 40_000

interface Scenario {
  /** Begins the fault; what it returns ends it. */
  begin(broadcast: Broadcast): Promise<() => Promise<void>>
  readonly killsReceiver?: true
  /** Nothing gets through, so that a backlog comes about. */
  readonly isComplete?: true
}

function planted(fault: () => Fault | undefined): Scenario['begin'] {
  return async ({ s3 }) => {
    s3.behaviour.fault = fault
    return async () => {
      s3.behaviour.fault = () => undefined
    }
  }
}

async function refusesConnections({ s3 }: Broadcast): Promise<() => Promise<void>> {
  await s3.down()
  return () => s3.up()
}

/** The usual time of a put, in ms. */
async function putMs(server: S3Server): Promise<number> {
  const store = storeOf(server)
  const times: number[] = []
  for (let round = 0; round < 20; round++) {
    const began = performance.now()
    await store.put('live/probe.bin', contentOf(bytesOf('probe', SEGMENT_BYTES)), { contentType: 'video/mp2t' })
    times.push(performance.now() - began)
  }
  await store.close()
  return times.sort((one, other) => one - other)[10] ?? 0
}

const random = seededRandom(1)

const SCENARIOS: readonly [string, Scenario][] = [
  ['refuses connections', { begin: refusesConnections, isComplete: true }],
  ['takes everything and answers nothing', { begin: planted(() => ({ kind: 'hang' })), isComplete: true }],
  [
    'answers 503 to a third',
    { begin: planted(() => (random.next() < 1 / 3 ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined)) },
  ],
  [
    'is 30 times slower',
    {
      async begin(broadcast) {
        const ms = 30 * (await putMs(broadcast.s3))
        return planted(() => ({ kind: 'slow', ms, bytesPerSecond: SEGMENT_BYTES * 10 }))(broadcast)
      },
    },
  ],
  ['resets every upload in mid body', { begin: planted(() => ({ kind: 'reset', afterBytes: 300 })), isComplete: true }],
  [
    'comes back only after the receiver was killed',
    { begin: refusesConnections, killsReceiver: true, isComplete: true },
  ],
]

let broadcast: Broadcast | undefined

beforeAll(() => requireProgram('ffmpeg', 'ffmpeg'))

afterEach(async () => {
  await broadcast?.stop()
  await killStartedServers()
})

test.each(SCENARIOS)(
  'P1, P2, P9: nothing is lost, and the origin goes on, while the store %s',
  async (what, scenario) => {
    const running = await Broadcast.start()
    broadcast = running
    const { lag } = running
    await sleep(BEFORE_MS)
    lag.takeOldest()
    const faultAt = Date.now()
    const heal = await scenario.begin(running)
    await sleep((OUTAGE_SECONDS * 1000) / 2)
    const killed = scenario.killsReceiver === true ? await running.killAndRestart() : undefined
    await sleep((OUTAGE_SECONDS * 1000) / 2)
    const oldestMs = lag.takeOldest()
    const backlog = await running.metric('spool_objects')
    await heal()
    const healedAt = Date.now()
    const hasDrained = async () => ((await running.metric('spool_objects')) <= LIVE_OBJECTS ? true : undefined)
    await until('an empty backlog', hasDrained, 120_000)
    const drainedAt = Date.now()
    await sleep(AFTER_MS)
    const endAt = Date.now()
    await running.end()
    const drainSeconds = (drainedAt - healedAt) / 1000
    const drainRate = backlog / drainSeconds + INPUT_RATE
    const { origin, bucket } = await running.reports()
    const lags = [
      lag.worstLag(0, faultAt - BUCKET_LAG_MS),
      lag.worstLag(drainedAt + BUCKET_LAG_MS, endAt - BUCKET_LAG_MS),
    ]
    const verified = [(killed?.verified ?? 0) + origin.verified, bucket.verified]
    console.log(
      `${what}: ${verified[0]} verified at the origin, ${verified[1]} in the bucket; newest entry at most ${oldestMs} ms old; ` +
        `backlog ${backlog} objects, gone in ${drainSeconds} s; bucket at most ${Math.max(...lags)} ms behind the origin`,
    )
    expect(running.lost()).toEqual([])
    expect(running.refused()).toEqual([])
    expect([...(killed?.violations ?? []), ...origin.violations, ...bucket.violations]).toEqual([])
    expect(Math.min(...verified)).toBeGreaterThan(100)
    expect(oldestMs).toBeLessThan(2 * TARGET_DURATION_MS)
    expect(Math.max(...lags)).toBeLessThan(BUCKET_LAG_MS)
    if (scenario.isComplete !== true) return
    expect(backlog).toBeGreaterThan(2 * LIVE_OBJECTS)
    expect(drainRate).toBeGreaterThan(2 * INPUT_RATE)
  },
)
