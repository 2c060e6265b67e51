import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killStartedServers, launchServer } from '../support/server-process.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hls-receiver-'))
})

afterEach(async () => {
  await killStartedServers()
  rmSync(folder, { recursive: true, force: true })
})

test('P7: a configuration file that is not valid JSON is told so, and nothing of it is shown', () => {
  const path = join(folder, 'config.json')
  writeFileSync(path, '{ "INGEST_KEYS": s3cret }')
  const { status, stderr, stdout } = spawnSync(process.execPath, [CLI, 'serve', '--config', path], { encoding: 'utf8' })
  expect([status, stdout, stderr]).toEqual([2, '', `hls-receiver: ${path} is not valid JSON.\n`])
})

test('P7: the lines that are printed at the start show no key where stdout is no terminal', async () => {
  const server = launchServer({ dataDir: folder, settings: { INGEST_KEYS: 's3cret' } })
  await server.listening
  expect(await server.stop()).toBe(0)
  expect(server.stdout()).toContain('/live/k/INGEST_KEY/hls-upload/')
  expect(server.stdout()).not.toContain('s3cret')
})
