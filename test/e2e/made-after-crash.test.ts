import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { decode, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { killStartedServers, type ServerProcess, startServer } from '../support/server-process.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

interface Job {
  readonly state: string
  readonly percent: number
  readonly file: string
  readonly error: { readonly code: string } | null
}

let dataDir: string
let server: ServerProcess
const PUSH_SECONDS = 30
const WAIT_MS = 120_000

beforeAll(() => requireProgram('ffmpeg', 'ffmpeg'))

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'made-after-crash-'))
})

afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

const begin = (settings: Record<string, string> = {}) => startServer({ dataDir, settings })

async function ask<T>(path: string, method = 'GET'): Promise<T> {
  const answer = await fetch(`${server.url}/live/rest/v2${path}`, { method })
  return (await answer.json()) as T
}

const jobs = () => ask<Job[]>('/jobs')
const vods = () => ask<{ vodName: string; filePath: string }[]>('/vods/list/0/50')
const made = () => readdirSync(join(dataDir, '.receiver/made'))

async function put(name: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> {
  const answer = await fetch(`${server.url}/live/hls-upload/${name}`, { method: 'PUT', body })
  return answer.status
}

/** Pushes faster than it plays, and ends. */
async function push(seconds: number): Promise<void> {
  const args = pictureArgs(seconds).filter((arg) => arg !== '-re')
  const name = `${server.url}/live/hls-upload/cam`
  const hls = ['-f', 'hls', '-method', 'PUT', '-hls_time', '2', '-hls_list_size', '0', `${name}.m3u8`]
  expect((await run('ffmpeg', [...args, ...hls])).code).toBe(0)
}

describe('a job', () => {
  test.each([
    ['while ffmpeg runs', 3],
    ['as soon as it is noted', 0],
  ])('that a kill -9 ends %s is done once after the next start, and nothing else is left', async (_, percent) => {
    server = await begin({ WEBM_MUXING_ENABLED: 'true' })
    await push(PUSH_SECONDS)
    await until(
      'a job that runs',
      async () => (await jobs()).find((job) => job.state === 'running' && job.percent >= percent),
      WAIT_MS,
    )
    await server.kill9()
    server = await begin({ WEBM_MUXING_ENABLED: 'true' })
    const [vod] = await until('the file', async () => ((await vods()).length > 0 ? vods() : undefined), WAIT_MS)
    expect(vod?.vodName).toBe('cam.webm')
    await until('the end of the job', async () => ((await jobs()).length === 0 ? true : undefined))
    expect(await vods()).toHaveLength(1)
    expect(made()).toEqual([])
    expect(readdirSync(join(dataDir, 'live/streams')).filter((name) => name.endsWith('.webm'))).toEqual(['cam.webm'])
    const decoded = await decode(`${server.url}/live/${vod?.filePath}`)
    expect(decoded.stderr).toBe('')
    expect(Math.abs(decoded.seconds - PUSH_SECONDS)).toBeLessThan(2)
  })
})

describe('an input that somebody poisoned', () => {
  let trap: Server
  let connections = 0
  let port: number

  beforeEach(async () => {
    connections = 0
    trap = createServer((socket) => {
      connections++
      socket.destroy()
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = trap.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })

  afterEach(async () => {
    await new Promise((resolve) => trap.close(resolve))
  })

  const playlist = (...uris: string[]) => mediaList(0, uris, '#EXT-X-ENDLIST')

  test.each([
    [
      'a segment that is a playlist of files and of other servers',
      () => playlist('file:///etc/passwd', `http://127.0.0.1:${port}/a.ts`),
    ],
    [
      'a segment that is a list for concat',
      () => `ffconcat version 1.0\nfile /etc/passwd\nfile http://127.0.0.1:${port}/a.ts\n`,
    ],
    ['a segment that was cut within its first packet', () => new Uint8Array(100).fill(0x47)],
  ])('%s fails with a code, reads nothing else, and leaves nothing', async (_, body) => {
    server = await begin()
    expect(await put('evil0.ts', body())).toBe(201)
    expect(await put('evil.m3u8', playlist('evil0.ts'))).toBe(201)
    await until('evil', async () => ((await fetch(`${server.url}/live/streams/evil.m3u8`)).ok ? true : undefined))
    expect(await ask('/broadcasts/evil/hls-to-mp4', 'POST')).toMatchObject({ success: true })
    const failed = await until('a failure', async () => (await jobs()).find(({ error }) => error !== null), WAIT_MS)
    expect(failed.error?.code).toMatch(/^input-\w+$|^ffmpeg-failed$/)
    expect(JSON.stringify(failed)).not.toContain('root:')
    expect(made()).toEqual([])
    expect(await vods()).toEqual([])
    expect(connections).toBe(0)
  })

  test('a playlist that names files and other servers leads to nothing of them', async () => {
    server = await begin()
    expect(await put('evil0.ts', 'x')).toBe(201)
    const uris = ['evil0.ts', `http://127.0.0.1:${port}/a.ts`]
    await put('evil.m3u8', playlist(...uris))
    expect(await put('worse.m3u8', playlist('evil0.ts', 'file:///etc/passwd'))).toBe(422)
    await until('evil', async () => ((await fetch(`${server.url}/live/streams/evil.m3u8`)).ok ? true : undefined))
    await ask('/broadcasts/evil/hls-to-mp4', 'POST')
    await until('a failure', async () => (await jobs()).find(({ error }) => error !== null), WAIT_MS)
    expect(await ask('/broadcasts/worse/hls-to-mp4', 'POST')).toMatchObject({ success: false })
    expect(connections).toBe(0)
  })
})
