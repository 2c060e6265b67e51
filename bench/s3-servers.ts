import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { S3Sink } from './s3-sink.ts'
import { ServerProcess } from './server-process.ts'

const CLI = fileURLToPath(new URL('../dist/node/cli.js', import.meta.url))
const GATEWAY = fileURLToPath(new URL('./lib-storage-gateway.ts', import.meta.url))

/** This project's receiver as the real process, with the sink as its bucket. */
export async function startS3Receiver(folder: string, sink: S3Sink): Promise<ServerProcess> {
  mkdirSync(folder, { recursive: true })
  const env = {
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    STORE: 's3',
    APPS: 'live',
    S3_ENDPOINT: sink.url,
    S3_BUCKET: 'recordings',
    S3_FORCE_PATH_STYLE: 'true',
    S3_ACCESS_KEY_ID: 'testkey',
    S3_SECRET_ACCESS_KEY: 'testsecret',
  }
  const args = ['--initial-old-space-size=128', CLI, 'serve']
  return new ServerProcess({ file: process.execPath, args, env, output: join(folder, 'log') })
}

/** lib-storage by itself behind an HTTP server. */
export async function startGateway(folder: string, sink: S3Sink): Promise<ServerProcess> {
  mkdirSync(folder, { recursive: true })
  const args = ['--import', 'tsx', GATEWAY]
  return new ServerProcess({ file: process.execPath, args, env: { S3_URL: sink.url }, output: join(folder, 'log') })
}
