import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { HttpReader } from '../support/http-reader.ts'
import type { Random } from '../support/random.ts'
import { killStartedServers, launchServer, type ServerProcess, startServer } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { Ledger } from './ledger.ts'
import {
  checkCustody,
  checkNothingPartial,
  checkPlaylists,
  checkSegments,
  checkTree,
  checkUnacknowledged,
} from './recovery-checks.ts'
import { runLoad } from './upload-load.ts'

const ADMIN_KEY = 'crash-test'
const SETTINGS = { ADMIN_KEYS: ADMIN_KEY }

/** When a server under load is killed. */
export interface KillPlan {
  /** At this 2xx of the round … */
  readonly atAnswer: number
  /** … or so many ms after it. */
  readonly delayMs: number
  /** SIGTERM then, and SIGKILL so many ms later, so that it dies while it drains. */
  readonly drainMs?: number
}

/** One data folder over many lives of the server, and what clients know of it. */
export class CrashSite {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-crash-'))
  readonly ledger = new Ledger()
  readonly #random: Random
  #round = 0
  /** Body files that were seen with a stopped server, all of accepted objects. */
  bodiesSeen = 0
  /** How long the newest whole start took until the server listened. */
  startMs = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Starts the server, uploads, and kills it by plan; resolves when it is gone and all clients know. */
  async killUnderLoad(plan: KillPlan): Promise<void> {
    const server = await this.#start()
    let isEnding = false
    const strike = () => {
      isEnding = true
      if (plan.drainMs === undefined) return void server.kill9()
      void server.stop()
      setTimeout(() => void server.kill9(), plan.drainMs)
    }
    const onAcknowledged = (count: number) => {
      if (count !== plan.atAnswer) return
      if (plan.delayMs === 0) strike()
      else setTimeout(strike, plan.delayMs)
    }
    const label = `r${String(this.#round++).padStart(3, '0')}`
    const { ledger } = this
    const random = this.#random.fork(this.#round)
    await runLoad({ port: server.port, ledger, random, label, onAcknowledged, isEnding: () => isEnding })
    if (!isEnding) strike()
    await server.exited
    expect(ledger.wrongAnswers, server.stderr()).toEqual([])
    checkNothingPartial(ledger, this.dataDir)
  }

  /** Starts the server and kills it `ms` after its process began, mostly before it listens. True when it was before. */
  async killAtStart(ms: number): Promise<boolean> {
    const server = launchServer({ dataDir: this.dataDir, settings: SETTINGS })
    let didListen = false
    const noted = server.listening.then(
      () => {
        didListen = true
      },
      () => undefined,
    )
    await new Promise((resolve) => setTimeout(resolve, ms))
    await server.kill9()
    await noted
    return !didListen
  }

  /** Starts the server, checks all promises by HTTP and on the disk, and ends it as told. */
  async recoverAndCheck(end: 'kill9' | 'stop'): Promise<void> {
    const server = await this.#start()
    const reader = new HttpReader(server.url)
    await checkSegments(this.ledger, reader)
    await checkUnacknowledged(this.ledger, reader)
    await this.#settled(server)
    await checkPlaylists(this.ledger, reader, this.dataDir)
    await checkTree(this.ledger, this.dataDir)
    reader.close()
    if (end === 'kill9') await server.kill9()
    else expect(await server.stop(), server.stderr()).toBe(0)
    this.bodiesSeen += await checkCustody(this.dataDir)
  }

  /** Ends what still runs and removes the folder. */
  async remove(): Promise<void> {
    await killStartedServers()
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  async #start(): Promise<ServerProcess> {
    const began = performance.now()
    const server = await startServer({ dataDir: this.dataDir, settings: SETTINGS })
    this.startMs = performance.now() - began
    return server
  }

  /** Waits until all that was accepted stands in the public tree. */
  async #settled(server: ServerProcess): Promise<void> {
    const reader = new HttpReader(server.url, 1, { authorization: `Bearer ${ADMIN_KEY}` })
    await until('the store queue to be empty', async () => {
      const { bytes } = await reader.read('/readyz')
      const { storeQueue } = JSON.parse(bytes.toString()) as { storeQueue: number }
      const scratch = readdirSync(join(this.dataDir, '.receiver', 'scratch'))
      return storeQueue === 0 && scratch.length === 0 ? true : undefined
    })
    reader.close()
  }
}
