import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../config/schema.ts'
import type { Log } from '../core/ports.ts'
import { serve } from '../node/serve.ts'

/** A receiver in this process, on a free port of 127.0.0.1. */
export interface TestReceiver {
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly dataDir: string
  /** Every log line, as JSON. */
  readonly logLines: readonly string[]
  /** Stops it; with `keepData` another may start on the same folder. */
  stop(options?: { keepData?: boolean }): Promise<void>
}

/** Starts a receiver with settings as in the environment; DATA_DIR defaults to a new temporary folder. */
export async function startReceiver(settings: Record<string, string> = {}): Promise<TestReceiver> {
  const dataDir = settings['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'hls-receiver-'))
  const logLines: string[] = []
  const config = readConfig({ PORT: '0', DRAIN_SECONDS: '5', ...settings, DATA_DIR: dataDir })
  const running = await serve(config, memoryLog(logLines))
  return {
    host: running.host,
    port: running.port,
    url: `http://${running.host}:${running.port}`,
    dataDir,
    logLines,
    async stop(options = {}) {
      await running.stop()
      if (options.keepData !== true) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function memoryLog(lines: string[]): Log {
  const write =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      void lines.push(
        JSON.stringify({ level, event, ...fields, ...('cause' in fields ? { cause: String(fields['cause']) } : {}) }),
      )
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
