import {
  LIVE_EDGE_MS,
  LIVE_STORE_WRITES,
  MAX_STORE_WRITES,
  STORE_REFUSED_RETRY_MS,
  STORE_RETRY_MAX_MS,
} from '../limits.ts'
import { StorageError } from '../object-store.ts'
import type { Host } from '../ports.ts'
import { Fifo } from './fifo.ts'
import { StoreHealth } from './store-health.ts'

/** Something that is to be brought to the store. */
export interface StoreJob {
  /** Store key, for the log. */
  readonly key: string
  readonly kind: 'object' | 'playlist'
  /** When what it brings was accepted, in ms since the epoch. */
  readonly acceptedAt: number
  /** One attempt; false when there was nothing to do, which says nothing of the store. */
  run(): Promise<boolean>
  /** Called once when the store refuses this, and not for a moment, while it takes others. */
  onSetAside?(): void
}

interface Waiting extends StoreJob {
  tries: number
  /** How many others had succeeded when the store first refused it. */
  refusedAt: number | undefined
  isSetAside: boolean
  /** Ends its pause. */
  cancel: () => void
  readonly end: (isDone: boolean) => void
}

/**
 * Attempts at the store, at most MAX_STORE_WRITES at once, each tried again until it succeeds. Playlists go first, then what
 * is still of the live edge, then the backlog, oldest first; some places are for the live edge alone. Whether a store that is down
 * is back, objects find out, each in its turn: one thing that it never takes must not keep it from all others.
 */
export class StoreQueue {
  readonly #host: Host
  readonly #health: StoreHealth
  readonly #playlists = new Fifo<Waiting>()
  readonly #live = new Fifo<Waiting>()
  readonly #backlog = new Fifo<Waiting>()
  /** Those that pause after a failure. */
  readonly #pausing = new Set<Waiting>()
  #running = 0
  #runningOld = 0
  #successes = 0
  #isClosed = false

  constructor(host: Host) {
    this.#host = host
    this.#health = new StoreHealth(host, () => this.#wake())
  }

  /** Whether the store does not answer at the moment: as far as anybody knows, and as long as something waits that finds out. */
  get isDown(): boolean {
    const queued = this.#playlists.length + this.#live.length + this.#backlog.length
    return this.#health.isDown && queued + this.#pausing.size + this.#running > 0
  }

  /** Resolves with true when a job is done; with false when the queue was closed before. */
  run(job: StoreJob): Promise<boolean> {
    return new Promise((end) => {
      if (this.#isClosed) return end(false)
      this.#enqueue(Object.assign(job, { tries: 0, refusedAt: undefined, isSetAside: false, cancel: () => {}, end }))
      this.#startReady()
    })
  }

  /** Tries everything soon that waits: little time is left. */
  hurry(): void {
    this.#health.hurry()
  }

  /** Begins no attempt any more. */
  close(): void {
    this.#isClosed = true
    for (const waiting of this.#pausing) {
      waiting.cancel()
      waiting.end(false)
    }
    for (const queue of [this.#playlists, this.#live, this.#backlog]) {
      for (let waiting = queue.take(); waiting !== undefined; waiting = queue.take()) waiting.end(false)
    }
  }

  #enqueue(waiting: Waiting): void {
    if (waiting.kind === 'playlist') this.#playlists.push(waiting)
    else if (this.#isOld(waiting)) this.#backlog.push(waiting)
    else this.#live.push(waiting)
  }

  #isOld({ kind, acceptedAt }: StoreJob): boolean {
    return kind === 'object' && this.#host.clock.now() - acceptedAt > LIVE_EDGE_MS
  }

  #startReady(): void {
    while (!this.#isClosed && this.#running < MAX_STORE_WRITES && this.#health.mayTry) {
      const waiting = this.#next()
      if (waiting === undefined) return
      void this.#attempt(waiting)
    }
  }

  #next(): Waiting | undefined {
    for (let first = this.#live.first(); first !== undefined && this.#isOld(first); first = this.#live.first()) {
      this.#live.take()
      this.#backlog.push(first)
    }
    if (this.isDown) return this.#live.take() ?? this.#backlog.take() ?? this.#playlists.take()
    const next = this.#playlists.take() ?? this.#live.take()
    if (next !== undefined || this.#runningOld >= MAX_STORE_WRITES - LIVE_STORE_WRITES) return next
    return this.#backlog.take()
  }

  async #attempt(waiting: Waiting): Promise<void> {
    const isOld = this.#isOld(waiting)
    this.#running++
    if (isOld) this.#runningOld++
    this.#health.began()
    const outcome = await this.#outcome(waiting)
    this.#running--
    if (isOld) this.#runningOld--
    if (outcome === 'done' || outcome === 'nothing') waiting.end(true)
    else this.#again(waiting)
    if (outcome === 'done') {
      this.#successes++
      this.#health.succeeded()
    } else if (outcome === 'failed') this.#health.failed()
    else this.#health.ended()
    this.#startReady()
  }

  async #outcome(waiting: Waiting): Promise<'done' | 'nothing' | 'failed' | 'set aside'> {
    try {
      return (await waiting.run()) ? 'done' : 'nothing'
    } catch (cause) {
      this.#host.log.warn('store write failed', { key: waiting.key, tries: ++waiting.tries, cause })
      if (cause instanceof StorageError && !cause.retryable) this.#noteRefused(waiting)
      return waiting.isSetAside ? 'set aside' : 'failed'
    }
  }

  /** What is refused again, although others were taken meanwhile, is refused for what it is. */
  #noteRefused(waiting: Waiting): void {
    waiting.refusedAt ??= this.#successes
    if (waiting.isSetAside || waiting.refusedAt === this.#successes) return
    waiting.isSetAside = true
    this.#host.log.error('store refuses this alone', { key: waiting.key })
    waiting.onSetAside?.()
  }

  #again(waiting: Waiting): void {
    if (this.#isClosed) {
      waiting.end(false)
      return
    }
    this.#host.meter.count('retried')
    this.#pausing.add(waiting)
    const most = waiting.isSetAside ? STORE_REFUSED_RETRY_MS : STORE_RETRY_MAX_MS
    waiting.cancel = this.#host.clock.after(this.#health.pauseAfter(waiting.tries - 1, most), () => {
      if (!this.#pausing.delete(waiting)) return
      this.#enqueue(waiting)
      this.#startReady()
    })
  }

  /** The store is back, or may be: what pauses need not wait any longer. */
  #wake(): void {
    for (const waiting of this.#pausing) {
      waiting.cancel()
      this.#enqueue(waiting)
    }
    this.#pausing.clear()
    this.#startReady()
  }
}
