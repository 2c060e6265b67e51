import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  isPlaylistBody,
  PlaylistWatch,
  type RecordedUpload,
  type RecordingProxy,
  readServed,
  startRecordingProxy,
} from '../../../src/testing/index.ts'
import { amsOutput, pictureArgs, start } from '../../support/ffmpeg.ts'
import { type S3Server, startS3Server } from '../../support/s3/server.ts'
import { s3Environment } from '../../support/s3/settings.ts'
import { type ServerProcess, startServer } from '../../support/server-process.ts'
import { startTcpSwitch, type TcpSwitch } from '../../support/tcp-switch.ts'
import { sha256 } from '../../support/tree.ts'
import { until } from '../../support/until.ts'

const STREAMS = 3
/** Longer than any test; encoders are told to end. */
const SECONDS = 600
const LOOK_MS = 200
const READ_MS = 1_000
const SETTLED_MS = 60_000

/** A receiver, and its own way to the bucket. */
interface Side {
  readonly server: ServerProcess
  readonly bucket: TcpSwitch
  readonly dataDir: string
}

/** Encoders behind a load balancer, with two receivers that share a bucket. */
export class TwoReceivers {
  readonly names = Array.from({ length: STREAMS }, (_, index) => `cam${index}`)
  readonly a: Side
  readonly b: Side
  readonly s3: S3Server
  /** What was found wrong while it was looked at. */
  readonly violations: string[] = []
  readonly #balancer: TcpSwitch
  readonly #proxy: RecordingProxy
  readonly #encoders: ReturnType<typeof start>[]
  /** Hash of each media object when it was first seen in the bucket. */
  readonly #firstSeen = new Map<string, string>()
  readonly #watches = new Map<string, PlaylistWatch>()
  #isStopped = false
  readonly #watching: Promise<void>

  private constructor(s3: S3Server, a: Side, b: Side, balancer: TcpSwitch, proxy: RecordingProxy) {
    this.s3 = s3
    this.a = a
    this.b = b
    this.#balancer = balancer
    this.#proxy = proxy
    const base = `http://127.0.0.1:${proxy.port}/live/hls-upload`
    this.#encoders = this.names.map((name, index) =>
      start('ffmpeg', [...pictureArgs(SECONDS, 300 + index), ...amsOutput(base, name, ['-ignore_io_errors', '1'])]),
    )
    this.#watching = this.#watch()
  }

  static async start(): Promise<TwoReceivers> {
    const s3 = await startS3Server()
    const a = await startSide(s3)
    const b = await startSide(s3)
    const balancer = await startTcpSwitch(a.server.port)
    return new TwoReceivers(s3, a, b, balancer, await startRecordingProxy(balancer.port))
  }

  /** Encoders go to this receiver from now on. */
  moveTo({ server }: Side): void {
    this.#balancer.to(server.port)
  }

  /** Names of the segments that were acknowledged until now. */
  get acknowledged(): readonly RecordedUpload[] {
    const isMedia = ({ method, bytes }: RecordedUpload) =>
      method === 'PUT' && bytes.length > 0 && !isPlaylistBody(bytes)
    return this.#proxy.uploads.filter((upload) => isMedia(upload) && (upload.status ?? 500) < 300)
  }

  /** Ends the encoders, and resolves when neither receiver has anything left to store. */
  async end(): Promise<void> {
    for (const { child } of this.#encoders) child.kill('SIGTERM')
    await Promise.all(this.#encoders.map(({ finished }) => finished))
    for (const { server } of [this.a, this.b]) {
      const isEmpty = async () => ((await metric(server, 'spool_objects')) === 0 ? true : undefined)
      await until('an empty spool', isEmpty, SETTLED_MS)
    }
  }

  /** Hashes of what the recording of a stream leads to at a receiver, in its order; `GAP` for a hole. */
  async recorded({ server }: Side, name: string): Promise<string[]> {
    const base = `${server.url}/live/streams/`
    const text = await (await fetch(`${base}${name}.m3u8?playlist=vod`)).text()
    const hashes: string[] = []
    for (const { uri, isGap } of readServed(text).entries) {
      const answer = isGap ? undefined : await fetch(new URL(uri, base))
      if (answer !== undefined && !answer.ok) throw new Error(`${uri}: ${answer.status}`)
      hashes.push(answer === undefined ? 'GAP' : sha256(Buffer.from(await answer.arrayBuffer())))
    }
    return hashes
  }

  async spooled({ server }: Side): Promise<number> {
    return metric(server, 'spool_objects')
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#watching
    for (const { child } of this.#encoders) child.kill('SIGKILL')
    await this.#proxy.stop()
    await this.#balancer.stop()
    for (const { server, bucket, dataDir } of [this.a, this.b]) {
      await server.kill9()
      await bucket.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
    await this.s3.stop()
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      this.#lookAtBucket()
      const looks = this.names.flatMap((name) => [this.#look('A', this.a, name), this.#look('B', this.b, name)])
      await Promise.all(looks)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  #lookAtBucket(): void {
    for (const { key, bytes } of this.s3.objects.all()) {
      if (key.endsWith('.m3u8') || !key.startsWith('live/')) continue
      const hash = sha256(bytes)
      const first = this.#firstSeen.get(key)
      if (first === undefined) this.#firstSeen.set(key, hash)
      else if (first !== hash) this.violations.push(`P3: ${key} changed in the bucket`)
    }
  }

  async #look(side: string, { server }: Side, name: string): Promise<void> {
    const url = `${server.url}/live/streams/${name}.m3u8`
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(READ_MS) })
      const text = await answer.text()
      if (!answer.ok) return
      const key = `${side} ${name}`
      const watch = this.#watches.get(key) ?? new PlaylistWatch()
      this.#watches.set(key, watch)
      this.violations.push(...watch.observe(text).map((broken) => `${key}: ${broken}`))
    } catch {
      // A receiver that stands still answers nothing.
    }
  }
}

async function startSide(s3: S3Server): Promise<Side> {
  const bucket = await startTcpSwitch(Number(new URL(s3.url).port))
  const dataDir = mkdtempSync(join(tmpdir(), 'shared-'))
  const settings = { ...s3Environment(`http://127.0.0.1:${bucket.port}`), S3_SHARED: 'true' }
  return { server: await startServer({ dataDir, settings }), bucket, dataDir }
}

async function metric(server: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^hls_receiver_${name} (\\S+)$`, 'm').exec(text)?.[1])
}
