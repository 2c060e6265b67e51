import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from './cpu-time.ts'

/** A command line and where its output goes. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** File that takes stdout and stderr. */
  readonly output: string
}

const START_MS = 10_000
const STOP_MS = 30_000
const POLL_MS = 20

/** A server as a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #output: string
  readonly #exited: Promise<unknown>
  #failure: Error | undefined

  constructor({ file, args, env, output }: Command) {
    const fd = openSync(output, 'w')
    this.#output = output
    this.#child = spawn(file, args, { stdio: ['ignore', fd, fd], env: { ...process.env, ...env } })
    closeSync(fd)
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.once('error', (error) => {
      this.#failure = error
    })
  }

  /** CPU seconds used until now. */
  cpu(): number {
    return cpuSeconds(this.pid)
  }

  /** The port in the line `… listens on http://127.0.0.1:PORT` of its output. */
  async port(): Promise<number> {
    return this.ready(() => Number(/listens on http:\/\/[^\s:]+:(\d+)/.exec(readFileSync(this.#output, 'utf8'))?.[1]))
  }

  /** Asks until the answer is neither NaN nor false; throws when the process ends or takes too long. */
  async ready<T>(ask: () => T | Promise<T>): Promise<T> {
    for (let waited = 0; waited < START_MS; waited += POLL_MS) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#child.exitCode !== null) break
      const answer = await ask()
      if (answer !== false && !Number.isNaN(answer)) return answer
      await sleep(POLL_MS)
    }
    throw new Error(`A server did not start:\n${readFileSync(this.#output, 'utf8')}`)
  }

  /** Ends this process, by its id; waits until it is gone. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    this.#child.kill('SIGTERM')
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.#exited
    clearTimeout(killer)
  }

  /** Its process id; throws when it could not be started. */
  get pid(): number {
    if (this.#child.pid === undefined) throw this.#failure ?? new Error('A server has no process.')
    return this.#child.pid
  }
}
