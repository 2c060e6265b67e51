import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { amsOutput, decode, FRAME_RATE, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const HOLDER = fileURLToPath(new URL('../support/hold-socket.pl', import.meta.url))
const ENCODERS = 20
const RESTARTS = 5
const SECONDS = 36
const BETWEEN_MS = 5_000
/** Encoders that keep their connections. */
const RETRIES =
  /^\[hls @ \w+\] upload (segment|playlist) failed, will retry with a new http session\.\n| +Last message repeated \d+ times\n/gm
const PERSISTENT = ['-http_persistent', '1']

/** A receiver on a socket that somebody else holds. */
class Held {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'held-'))
  readonly #holder: ChildProcess
  #output = ''

  constructor() {
    const env = { PATH: process.env['PATH'], DATA_DIR: this.dataDir, LOG_LEVEL: 'warn' }
    this.#holder = spawn('perl', [HOLDER, '0', process.execPath, CLI, 'serve'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#holder.stdout, this.#holder.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
  }

  get output(): string {
    return this.#output
  }

  get port(): Promise<number> {
    return until('the port', () => /^listening (\d+)$/m.exec(this.#output)?.[1]).then(Number)
  }

  /** How often the receiver was started. */
  get starts(): number {
    return [...this.#output.matchAll(/^hls-receiver listens on/gm)].length
  }

  async restart(): Promise<void> {
    const next = this.starts + 1
    this.#holder.kill('SIGUSR1')
    await until('another start', () => (this.starts >= next ? true : undefined), 30_000)
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#holder.once('close', resolve))
    this.#holder.kill('SIGTERM')
    await ended
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}

let held: Held | undefined

beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
  requireProgram('perl', 'perl-base')
})

afterEach(() => held?.stop())

test(`P8: ${ENCODERS} real encoders push through ${RESTARTS} restarts behind a held socket, and nothing is lost`, async () => {
  held = new Held()
  const url = `http://127.0.0.1:${await held.port}`
  await until('the first start', () => (held?.starts === 1 ? true : undefined), 30_000)
  const names = Array.from({ length: ENCODERS }, (_, index) => `cam${index}`)
  const pushes = names.map((name, index) => {
    const base = `${url}/live/hls-upload`
    return run('ffmpeg', [
      ...pictureArgs(SECONDS, 300 + index),
      ...amsOutput(base, name, index % 2 === 0 ? [] : PERSISTENT),
    ])
  })
  let ended = 0
  for (const push of pushes) void push.finally(() => ended++)
  for (let restart = 0; restart < RESTARTS; restart++) {
    await sleep(BETWEEN_MS)
    await held.restart()
    expect(ended, `pushes that had ended at restart ${restart + 1}`).toBe(0)
  }
  const finished = await Promise.all(pushes)
  // Those that keep connections say that they try again with a new one.
  expect(finished.map(({ code, stderr }) => [code, stderr.replace(RETRIES, '')])).toEqual(names.map(() => [0, '']))
  for (const name of names) {
    const vod = `${url}/live/streams/${name}.m3u8?playlist=vod`
    const text = await (await fetch(vod)).text()
    expect(text, name).not.toContain('EXT-X-GAP')
    const { frames, stderr } = await decode(vod)
    expect([name, frames, stderr]).toEqual([name, SECONDS * FRAME_RATE, ''])
  }
  expect(held.starts).toBe(1 + RESTARTS)
})
