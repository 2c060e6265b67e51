import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))

test('P8: SIGTERM ends the process with 0, also when nobody reads its log any more', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-'))
  const env = { ...process.env, DATA_DIR: dataDir, PORT: '0' }
  const child = spawn(process.execPath, [CLI, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text.toString())?.[0]
  child.stdout.destroy()
  for (let n = 0; n < 100; n++) {
    const answer = await fetch(`${url}/live/hls-upload/unread${n}.ts`, { method: 'PUT', body: `segment ${n}` })
    expect(answer.status).toBe(201)
  }
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  rmSync(dataDir, { recursive: true, force: true })
}, 20_000)
