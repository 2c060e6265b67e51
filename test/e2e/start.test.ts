import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRecordingProxy } from '../../src/testing/index.ts'
import { decode, requireProgram, run, start } from '../support/ffmpeg.ts'
import { hashTree } from '../support/tree.ts'
import { until } from '../support/until.ts'

const PUSH_MS = 20_500
const LEAST_SEGMENTS = 9

const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-'))
let npm: ReturnType<typeof start>
let lines = ''

beforeAll(async () => {
  requireProgram('ffmpeg', 'ffmpeg')
  npm = startNpm({ PORT: '0', DATA_DIR: dataDir })
  npm.child.stdout?.on('data', (text: Buffer) => {
    lines += text.toString()
  })
  await until('the printed play URL', () => (/Play:\n +http\S+/.test(lines) ? true : undefined), 60_000)
})

afterAll(() => {
  process.kill(-(npm.child.pid ?? 0), 'SIGTERM')
  rmSync(dataDir, { recursive: true, force: true })
})

function startNpm(env: Record<string, string>): ReturnType<typeof start> {
  return start('setsid', ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), 'npm', 'start'])
}

test('npm start, then the printed ffmpeg line: what left ffmpeg is what is stored, and it plays', async () => {
  const port = Number(/listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(lines)?.[1])
  const playUrl = /Play:\n +(http\S+)/.exec(lines)?.[1] ?? ''
  const printed = / +(ffmpeg -re .*)/.exec(lines)?.[1] ?? ''
  const proxy = await startRecordingProxy(port)
  const line = printed.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${proxy.port}`)
  const encoder = start('sh', ['-c', `exec ${line.replace('ffmpeg ', 'ffmpeg -nostdin -loglevel warning ')}`])
  const stop = setTimeout(() => encoder.child.kill('SIGTERM'), PUSH_MS)
  await until('the live playlist', async () => ((await fetch(playUrl)).status === 200 ? true : undefined), PUSH_MS)
  const live = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', playUrl])
  expect(live.stderr).toBe('')
  expect(live.stdout).toContain('h264')
  await encoder.finished
  clearTimeout(stop)
  const segments = proxy.uploads.filter((upload) => upload.isWhole && upload.target.endsWith('.ts') && upload.size > 0)
  const sent = new Set(segments.map((upload) => upload.hash))
  const stored = await until('every segment in the tree', () => {
    const media = [...hashTree(join(dataDir, 'live/streams'))].filter(([path]) => path.endsWith('.ts'))
    return media.length >= sent.size ? new Set(media.map(([, hash]) => hash)) : undefined
  })
  expect(sent.size).toBeGreaterThanOrEqual(LEAST_SEGMENTS)
  expect(stored).toEqual(sent)
  await until('the end of the playlist', async () =>
    (await (await fetch(playUrl)).text()).includes('#EXT-X-ENDLIST') ? true : undefined,
  )
  const whole = await decode(playUrl)
  expect(whole.stderr).toBe('')
  expect(whole.code).toBe(0)
  await proxy.stop()
})
