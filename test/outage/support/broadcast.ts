import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Checker, isPlaylistBody, type RecordingProxy, startRecordingProxy } from '../../../src/testing/index.ts'
import { amsOutput, pictureArgs, start } from '../../support/ffmpeg.ts'
import { type S3Server, startS3Server } from '../../support/s3/server.ts'
import { s3Environment } from '../../support/s3/settings.ts'
import { type ServerProcess, startServer } from '../../support/server-process.ts'
import { sha256 } from '../../support/tree.ts'
import { until } from '../../support/until.ts'
import { type BucketOrigin, startBucketOrigin } from './bucket-origin.ts'
import { LagWatch } from './lag-watch.ts'

const STREAMS = 10
/** Longer than any broadcast of a test; encoders are told to end. */
const SECONDS = 600
const DRAIN_MS = 120_000
const HOLDER = fileURLToPath(new URL('../../support/hold-socket.pl', import.meta.url))

/** Ten encoders that push through a receiver into a bucket, and those who look on. */
export class Broadcast {
  readonly names = Array.from({ length: STREAMS }, (_, index) => `cam${index}`)
  readonly s3: S3Server
  readonly proxy: RecordingProxy
  readonly lag: LagWatch
  readonly server: ServerProcess
  readonly #bucket: BucketOrigin
  readonly #dataDir: string
  readonly #checkers: Checker[]
  readonly #encoders: ReturnType<typeof start>[]

  private constructor(
    s3: S3Server,
    bucket: BucketOrigin,
    server: ServerProcess,
    proxy: RecordingProxy,
    dataDir: string,
  ) {
    this.s3 = s3
    this.#bucket = bucket
    this.server = server
    this.proxy = proxy
    this.#dataDir = dataDir
    const lists = this.names.map((name) => `${name}.m3u8`)
    this.lag = new LagWatch(`${server.url}/live/streams/`, `${bucket.url}/live/streams/`, lists)
    const base = `http://127.0.0.1:${proxy.port}/live/hls-upload`
    this.#encoders = this.names.map((name, index) =>
      start('ffmpeg', [...pictureArgs(SECONDS, 300 + index), ...amsOutput(base, name, ['-ignore_io_errors', '1'])]),
    )
    this.lag.start()
    this.#checkers = [this.#check(server.url, false), this.#check(bucket.url, true)]
  }

  static async start(): Promise<Broadcast> {
    const s3 = await startS3Server()
    const bucket = await startBucketOrigin(s3.objects)
    const dataDir = mkdtempSync(join(tmpdir(), 'outage-'))
    // Connections wait while the receiver starts again.
    const under = ['perl', HOLDER, '0']
    const server = await startServer({ dataDir, settings: s3Environment(s3.url), under })
    return new Broadcast(s3, bucket, server, await startRecordingProxy(server.port), dataDir)
  }

  /** Begins to check what is served at `url`: P9, too, unless it is a copy or comes late. */
  #check(url: string, isCopy: boolean): Checker {
    const checker = new Checker({
      url,
      app: 'live',
      recording: this.proxy.recording,
      playlists: this.names.map((name) => `${name}.m3u8`),
      isCopy,
    })
    checker.start()
    return checker
  }

  /** Ends what checks the receiver, and the receiver by SIGKILL when no upload runs; the socket's holder starts it again. */
  async killAndRestart(): Promise<{ verified: number; violations: readonly string[] }> {
    const report = await this.#checkers[0]?.stop()
    await until('a moment without uploads', () => (this.proxy.running === 0 ? true : undefined))
    const before = await this.metric('accepted_total')
    process.kill(this.server.pid, 'SIGUSR2')
    // Another life counts from 0.
    const isNew = () =>
      this.metric('accepted_total').then(
        (count) => (count < before ? true : undefined),
        () => undefined,
      )
    await until('the next start', isNew)
    // What came while it was down was not accepted: nobody may ask for it in time.
    this.#checkers[0] = this.#check(this.server.url, true)
    return { verified: report?.verified ?? 0, violations: report?.violations ?? [] }
  }

  /** A number of `/metrics`. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.server.url}/metrics`)).text()
    return Number(new RegExp(`^hls_receiver_${name} (\\S+)$`, 'm').exec(text)?.[1])
  }

  /** Ends the encoders, and resolves when nothing waits for the bucket any more. */
  async end(): Promise<void> {
    for (const { child } of this.#encoders) child.kill('SIGTERM')
    await Promise.all(this.#encoders.map(({ finished }) => finished))
    const isEmpty = async () => ((await this.metric('spool_objects')) === 0 ? true : undefined)
    await until('an empty spool', isEmpty, DRAIN_MS)
    for (const name of this.names) await until(`${name} whole in the bucket`, () => this.#isWhole(name), DRAIN_MS)
    await this.lag.stop()
  }

  async #isWhole(name: string): Promise<true | undefined> {
    const served = await (await fetch(`${this.server.url}/live/streams/${name}.m3u8`)).text()
    return this.s3.objects.get(`live/streams/${name}.m3u8`)?.bytes.toString() === served ? true : undefined
  }

  /** Acknowledged segments that the bucket does not have, by hash. */
  lost(): string[] {
    const inBucket = new Set(this.s3.objects.all().map(({ bytes }) => sha256(bytes)))
    const acknowledged = this.proxy.uploads.filter(({ status }) => status !== undefined && status < 300)
    const media = acknowledged.filter(({ bytes }) => bytes.length > 0 && !isPlaylistBody(bytes))
    return media.filter(({ hash }) => !inBucket.has(hash)).map(({ name }) => name)
  }

  /** Uploads that got no 2xx. */
  refused(): string[] {
    const bad = this.proxy.uploads.filter(({ status, method }) => method !== 'GET' && !((status ?? 0) < 300))
    return bad.map(({ name, status }) => `${name}: ${status}`)
  }

  /** What the checkers found: at the origin, and in the bucket. */
  async reports(): Promise<{
    origin: Awaited<ReturnType<Checker['stop']>>
    bucket: Awaited<ReturnType<Checker['stop']>>
  }> {
    const [origin, bucket] = await Promise.all(this.#checkers.map((checker) => checker.stop()))
    if (origin === undefined || bucket === undefined) throw new Error('there are two checkers')
    return { origin, bucket }
  }

  async stop(): Promise<void> {
    for (const { child } of this.#encoders) child.kill('SIGKILL')
    await this.lag.stop()
    await this.proxy.stop()
    await this.server.stop()
    await this.#bucket.stop()
    await this.s3.stop()
    rmSync(this.#dataDir, { recursive: true, force: true })
  }
}
