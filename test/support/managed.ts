import { createHash } from 'node:crypto'
import type {
  Broadcast,
  ListQuery,
  Management,
  RecordingQuery,
  Result,
  ShownMakeJob,
} from '../../src/core/management/management.ts'
import type { BodySource } from '../../src/core/ports.ts'
import type { Vod } from '../../src/core/vods/vod.ts'

/** A file as it came. */
export interface TakenFile {
  readonly name: string
  readonly bytes: number
  readonly hash: string
  readonly metadata: string | undefined
}

const done = (dataId: string | null = null, message: string | null = null): Result => ({
  success: true,
  message,
  dataId,
  errorId: 0,
})
const undone = (message: string | null = null): Result => ({ success: false, message, dataId: null, errorId: 0 })

/** Stands in for the management: what there is lies in memory, and what is asked is noted. */
export class Managed implements Management {
  readonly streams = new Map<string, Broadcast>()
  readonly files = new Map<string, Vod>()
  readonly made: ShownMakeJob[] = []
  readonly taken: TakenFile[] = []
  /** What was asked, one line each. */
  readonly asked: string[] = []
  /** What a piece of a file waits for before the next is read. */
  gate: () => Promise<void> | undefined = () => undefined

  broadcast(app: string, id: string): Broadcast | undefined {
    this.#note('broadcast', app, id)
    return this.streams.get(id)
  }

  broadcasts(app: string, query: ListQuery): readonly Broadcast[] {
    this.#note('broadcasts', app, query)
    return [...this.streams.values()].slice(query.offset, query.offset + query.size)
  }

  broadcastCount(app: string, search = ''): number {
    this.#note('broadcastCount', app, search)
    return [...this.streams.keys()].filter((id) => id.includes(search)).length
  }

  async createBroadcast(app: string, id: string, name = id): Promise<Broadcast> {
    this.#note('createBroadcast', app, id, name)
    const broadcast: Broadcast = {
      streamId: id,
      name,
      status: 'created',
      startTime: 0,
      mp4Enabled: 0,
      webMEnabled: 0,
    }
    this.streams.set(id, broadcast)
    return broadcast
  }

  async switchRecording(app: string, id: string, isOn: boolean, query: RecordingQuery): Promise<Result> {
    this.#note('switchRecording', app, id, isOn, query)
    const known = this.streams.get(id)
    if (known === undefined) return undone()
    this.streams.set(id, { ...known, [query.format === 'mp4' ? 'mp4Enabled' : 'webMEnabled']: isOn ? 1 : -1 })
    return known.status === 'broadcasting' ? done('AbCdEfGhIjKlMnOpQrStUvWx', '1795374606123') : done()
  }

  async hlsToMp4(app: string, name: string, options: { readonly deleteHls: boolean }): Promise<Result> {
    this.#note('hlsToMp4', app, name, options)
    return done('job-1')
  }

  vod(app: string, vodId: string): Vod | undefined {
    this.#note('vod', app, vodId)
    return this.files.get(vodId)
  }

  vods(app: string, query: ListQuery): readonly Vod[] {
    this.#note('vods', app, query)
    return [...this.files.values()].slice(query.offset, query.offset + query.size)
  }

  vodCount(app: string, search = ''): number {
    this.#note('vodCount', app, search)
    return [...this.files.values()].filter(({ vodName }) => vodName.includes(search)).length
  }

  async removeVod(app: string, vodId: string): Promise<Result> {
    this.#note('removeVod', app, vodId)
    return this.files.delete(vodId) ? done(null, 'vod deleted') : undone('')
  }

  async createVod(app: string, name: string, body: BodySource, metadata?: () => string | undefined): Promise<Result> {
    this.#note('createVod', app, name)
    const hash = createHash('sha256')
    let bytes = 0
    await body.read((chunk) => {
      hash.update(chunk)
      bytes += chunk.length
      return this.gate()
    })
    this.taken.push({ name, bytes, hash: hash.digest('hex'), metadata: metadata?.() })
    return done('000000000000000000000001', '000000000000000000000001')
  }

  async importFolder(app: string, directory: string): Promise<Result> {
    this.#note('importFolder', app, directory)
    return done(null, '2 files are imported')
  }

  async unlinkFolder(app: string, directory: string): Promise<Result> {
    this.#note('unlinkFolder', app, directory)
    return done(null, '2 of records are deleted')
  }

  jobs(app: string): readonly ShownMakeJob[] {
    this.#note('jobs', app)
    return this.made
  }

  async cancelJob(app: string, id: string): Promise<boolean> {
    this.#note('cancelJob', app, id)
    const at = this.made.findIndex((job) => job.id === id)
    if (at >= 0) this.made.splice(at, 1)
    return at >= 0
  }

  #note(what: string, ...values: unknown[]): void {
    this.asked.push([what, ...values.map((value) => JSON.stringify(value))].join(' '))
  }
}
