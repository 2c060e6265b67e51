import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { FRAME_RATE, run } from '../../support/ffmpeg.ts'
import { type HttpGate, startHttpGate } from '../../support/http-gate.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { type ServerProcess, startServer } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import { startWorker, type WorkerProcess } from '../../support/worker-process.ts'

export const REDIS_PASSWORD = 'secret-of/redis'
export const WORKER_KEY = 'key-of-the-workers'
/** How long each recording plays, in s. */
export const SECONDS = 4
const WAIT_MS = 120_000

/** A file as it is listed. */
export interface ShownFile {
  readonly vodName: string
  readonly filePath: string
  readonly duration: number
}

/** A job as it is shown. */
export interface ShownJob {
  readonly id: string
  readonly state: string
  readonly percent: number
  readonly error: { readonly code: string } | null
}

/** A receiver that has mp4s made by workers, and Redis between them. */
export class WorkerFarm {
  readonly folder = mkdtempSync(join(tmpdir(), 'workers-'))
  readonly redis: TestRedis
  receiver: ServerProcess
  readonly #gates: HttpGate[] = []
  readonly #settings: Readonly<Record<string, string>>

  private constructor(redis: TestRedis, settings: Readonly<Record<string, string>>, receiver: ServerProcess) {
    this.redis = redis
    this.#settings = settings
    this.receiver = receiver
  }

  /** `isRedisAway`: Redis does not run yet. */
  static async open({ isRedisAway = false } = {}): Promise<WorkerFarm> {
    const redis = await startRedis(REDIS_PASSWORD)
    if (isRedisAway) await redis.kill9()
    const dataDir = mkdtempSync(join(tmpdir(), 'workers-data-'))
    const settings = {
      MP4_MUXING_ENABLED: 'true',
      REDIS_URL: redis.url,
      WORKER_KEY,
      LOG_LEVEL: 'info',
      DATA_DIR: dataDir,
    }
    return new WorkerFarm(redis, settings, await startServer({ dataDir, settings }))
  }

  get dataDir(): string {
    return this.#settings['DATA_DIR'] ?? ''
  }

  /** Starts the receiver again, where it was. */
  async restartReceiver(): Promise<void> {
    await this.receiver.kill9()
    const settings = { ...this.#settings, PORT: String(this.receiver.port) }
    this.receiver = await startServer({ dataDir: this.dataDir, settings })
  }

  /** What a worker reaches the receiver through. */
  async gate(): Promise<HttpGate> {
    const gate = await startHttpGate(this.receiver.url)
    this.#gates.push(gate)
    return gate
  }

  worker(gate: HttpGate, settings: Record<string, string> = {}): WorkerProcess {
    return startWorker({ REDIS_URL: this.redis.url, RECEIVER_URL: gate.url, WORKER_KEY, ...settings })
  }

  async ask<T>(path: string, method = 'GET'): Promise<T> {
    return (await (await fetch(`${this.receiver.url}/live/rest/v2${path}`, { method })).json()) as T
  }

  jobs(): Promise<ShownJob[]> {
    return this.ask('/jobs')
  }

  /** Resolves when there are so many files. */
  files(count: number): Promise<ShownFile[]> {
    const look = async () => {
      const files = await this.ask<ShownFile[]>('/vods/list/0/50')
      return files.length >= count ? files : undefined
    }
    return until(`${count} files`, look, WAIT_MS)
  }

  /** Paths of results that the receiver took, each as often as it did. */
  get taken(): string[] {
    const all = this.#gates.flatMap(({ passed }) => passed)
    return all.filter(({ method, status }) => method === 'PUT' && status === 201).map(({ path }) => path)
  }

  /** How often a worker began a job that was wanted. */
  get begun(): number {
    const all = this.#gates.flatMap(({ passed }) => passed)
    return all.filter(({ path, status }) => path.endsWith('percent=0') && status === 204).length
  }

  /** Records a stream with pictures that no other has, uploads it at once, and gives the digest of its pictures. */
  async record(stream: string, hue = 0): Promise<string> {
    const path = (name: string) => join(this.folder, stream + name)
    const source = `testsrc2=size=160x90:rate=${FRAME_RATE}:duration=${SECONDS},hue=h=${hue}`
    const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac']
    const hls = ['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0', '-hls_segment_filename', path('%03d.ts')]
    const inputs = ['-f', 'lavfi', '-i', source, '-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${SECONDS}`]
    const quiet = ['-hide_banner', '-nostdin', '-v', 'error']
    expect((await run('ffmpeg', [...quiet, ...inputs, ...coded, ...hls, path('.m3u8')])).stderr).toBe('')
    for (const name of ['000.ts', '001.ts', '.m3u8']) {
      const body = readFileSync(path(name))
      const answer = await fetch(`${this.receiver.url}/live/hls-upload/${stream}${name}`, { method: 'PUT', body })
      expect(answer.ok).toBe(true)
    }
    return picturesOf(path('.m3u8'))
  }

  /** Where a file lies that was read from the receiver. */
  async download({ vodName, filePath }: ShownFile): Promise<string> {
    const answer = await fetch(`${this.receiver.url}/live/${filePath}`)
    expect(answer.status).toBe(200)
    const path = join(this.folder, vodName)
    writeFileSync(path, new Uint8Array(await answer.arrayBuffer()))
    return path
  }

  /** The rest, when the processes of receivers and workers are gone. */
  async close(): Promise<void> {
    await Promise.all(this.#gates.map((gate) => gate.stop()))
    await this.redis.stop()
    for (const folder of [this.folder, this.dataDir]) rmSync(folder, { recursive: true, force: true })
  }
}

/** The digest of all pictures of a video, however it is packed. */
export async function picturesOf(source: string): Promise<string> {
  const output = ['-map', '0:v', '-fps_mode', 'passthrough', '-f', 'md5', '-']
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', source, ...output])
  expect(stdout).toMatch(/^MD5=/)
  return stdout
}

/** Holds every read of a segment, once `isMeant`; resolves when the first is held. */
export function holdReads(
  gate: HttpGate,
  isMeant: () => boolean = () => true,
): { held: Promise<void>; release: () => void } {
  let [note, release] = [() => {}, () => {}]
  const held = new Promise<void>((resolve) => {
    note = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  gate.before = (method, path) => {
    if (method !== 'GET' || !path.endsWith('.ts') || !isMeant()) return undefined
    note()
    return released
  }
  return { held, release: () => release() }
}
