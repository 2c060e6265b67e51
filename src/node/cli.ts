#!/usr/bin/env -S node --initial-old-space-size=128
// V8 counts the pieces of bodies as heap: with its usual first limit it collects all garbage every hundred files.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, ConfigError, readConfig } from '../config/schema.ts'
import { isCommitLeftover } from './lmdb-journal.ts'
import { createLog } from './logger.ts'
import { serve } from './serve.ts'
import { startLines } from './start-lines.ts'

const USAGE = `Usage: hls-receiver serve [--config FILE]     takes uploads, and serves them
       hls-receiver doctor [--config FILE]    checks the bucket of STORE=s3

Settings come from the environment and from a JSON file; docs/configuration.md lists them.
`
const EXIT_USAGE = 2

async function main(): Promise<void> {
  const { command, file } = readArguments()
  if (command !== 'serve' && command !== 'doctor') {
    process.stderr.write(USAGE)
    process.exit(command === 'help' ? 0 : EXIT_USAGE)
  }
  const config = readConfig(process.env, file === undefined ? {} : readConfigFile(file))
  if (command === 'serve') return run(config)
  const { doctor } = await import('./doctor.ts')
  const isWell = await doctor(config, (line) => void process.stdout.write(`${line}\n`))
  process.exitCode = isWell ? 0 : 1
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.LOG_LEVEL)
  const running = await serve(config, log)
  process.stdout.on('error', () => {})
  // What is no terminal is most likely kept, beside the log.
  const lines = startLines(config, running.host, running.port, process.stdout.isTTY)
  process.stdout.write(`${lines.join('\n')}\n\n`)
  process.on('unhandledRejection', (error) => {
    if (!isCommitLeftover(error)) throw error
    log.error('journal commit failed')
  })
  let isStopping = false
  const stop = (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info('stopping', { signal })
    const end = (code: number) => {
      log.info('stopped')
      void log.flush().then(() => process.exit(code))
    }
    running.stop().then(
      () => end(0),
      (cause: unknown) => {
        log.error('not stopped cleanly', { cause })
        end(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
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
