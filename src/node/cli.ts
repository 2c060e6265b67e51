#!/usr/bin/env -S node --initial-old-space-size=128
// V8 counts the pieces of bodies as heap: with its usual first limit it collects all garbage every hundred files.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Config, ConfigError, readConfig } from '../config/schema.ts'
import { isCommitLeftover } from './lmdb-journal.ts'
import { createLog, type FlushableLog } from './logger.ts'
import { type RunningReceiver, serve } from './serve.ts'
import { startLines } from './start-lines.ts'

const USAGE = `Usage: hls-receiver serve [--config FILE]     takes uploads, and serves them
       hls-receiver worker [--config FILE]    makes files of recordings for a receiver elsewhere
       hls-receiver doctor [--config FILE]    checks the bucket of STORE=s3

Settings come from the environment and from a JSON file; docs/configuration.md lists them.
`
const EXIT_USAGE = 2
/** What a stop may take beside DRAIN_SECONDS, in ms: a disk or a store that hangs must not hold the process for ever. */
const GRACE_MS = 5_000
/** A signal so soon after the first is the same, in ms: npm passes on what the terminal or the group has got already. */
const SAME_SIGNAL_MS = 1_000
/** How often it is looked for calls that still run at the end, in ms. */
const LOOK_MS = 25

async function main(): Promise<void> {
  const { command, file } = readArguments()
  if (!['serve', 'worker', 'doctor'].includes(command)) {
    process.stderr.write(USAGE)
    process.exit(command === 'help' ? 0 : EXIT_USAGE)
  }
  const config = readConfig(process.env, file === undefined ? {} : readConfigFile(file))
  if (command === 'serve') return run(config)
  if (command === 'worker') return runWorker(config)
  const { doctor } = await import('./doctor.ts')
  const isWell = await doctor(config, (line) => void process.stdout.write(`${line}\n`))
  process.exitCode = isWell ? 0 : 1
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.LOG_LEVEL)
  const running = await serve(config, log)
  process.on('unhandledRejection', (error) => {
    if (!isCommitLeftover(error)) throw error
    log.error('journal commit failed')
  })
  stopOnSignal(running, config.DRAIN_SECONDS * 1000 + GRACE_MS, log)
  process.stdout.on('error', () => {})
  // What is no terminal is most likely kept, beside the log.
  const lines = startLines(config, running.host, running.port, process.stdout.isTTY)
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

async function runWorker(config: Config): Promise<void> {
  const { WORKER_STOP_MS, work } = await import('./worker.ts')
  const log = createLog(config.LOG_LEVEL)
  const running = await work(config, log)
  stopOnSignal(running, WORKER_STOP_MS + GRACE_MS, log)
  process.stdout.on('error', () => {})
  process.stdout.write(`hls-receiver makes files for ${config.RECEIVER_URL}\n\n`)
}

/** Stops at the first signal, within `ms`; another one ends the process at once. */
function stopOnSignal(running: Pick<RunningReceiver, 'stop'>, ms: number, log: FlushableLog): void {
  let stoppingSince: number | undefined
  const stop = (signal: string) => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) endNow()
      return
    }
    stoppingSince = performance.now()
    log.info('stopping', { signal })
    const last = setTimeout(() => {
      // Not by the log alone: its writes may wait behind those that hang.
      process.stderr.write(`hls-receiver: not stopped within ${ms / 1000} s: what it waits for does not answer\n`)
      void log.flush().then(endNow)
    }, ms)
    last.unref()
    running.stop().then(
      () => {
        log.info('stopped')
        void end(0, log)
      },
      (cause: unknown) => {
        log.error('not stopped cleanly', { cause })
        void end(1, log)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** Ends the process when its last calls to the file system are done: a thread that hangs in one holds up `process.exit`. */
async function end(code: number, log: FlushableLog): Promise<void> {
  await log.flush()
  while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) await sleep(LOOK_MS)
  process.exit(code)
}

/** Ends the process whatever hangs; what was acknowledged survives that. */
function endNow(): void {
  process.kill(process.pid, 'SIGKILL')
}

function readArguments(): { command: string; file: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    return { command: values.help === true ? 'help' : (positionals[0] ?? ''), file: values.config }
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error))
  }
}

function readConfigFile(path: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
  } catch (error) {
    // Its message quotes the text, which may hold secrets.
    if (error instanceof SyntaxError) throw new ConfigError(`${path} is not valid JSON.`)
    throw new ConfigError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw new ConfigError(`${path} must hold one JSON object.`)
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`hls-receiver: ${message}\n`)
  process.exit(error instanceof ConfigError ? EXIT_USAGE : 1)
})
