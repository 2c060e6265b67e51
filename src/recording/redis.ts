import { once } from 'node:events'
import { Redis } from 'ioredis'
import type { Log } from '../core/ports.ts'

/** How long a connection to Redis, and an answer of it, are waited for, in ms. */
const CONNECT_MS = 5_000
const ANSWER_MS = 10_000
/** The same for answers that are held back on purpose, which workers wait for. */
const HELD_ANSWER_MS = 30_000
/** First, and longest, pause before it is connected to again, in ms. */
const RECONNECT_MIN_MS = 250
const RECONNECT_MAX_MS = 2_000
/** How soon a Redis that vanished is noticed, in ms. */
const TCP_KEEP_ALIVE_MS = 30_000
/** How much of what went wrong is told, in characters. */
const MAX_REASON = 200

/**
 * A connection to Redis that comes back by itself. It never throws where nobody waits, and tells what is wrong once, without the
 * password: errors of the library hold the commands that failed, which may be the one that sends it.
 */
export class RedisLink {
  readonly client: Redis
  readonly #log: Log
  readonly #secrets: readonly string[]
  /** What was told last; undefined: all is well. */
  #told: string | undefined
  #connecting: Promise<unknown> | undefined

  /** `waits` for Redis as long as it takes, as a worker does; else commands fail where it is away. */
  constructor(url: string, log: Log, { waits }: { waits: boolean }) {
    this.#log = log
    this.#secrets = secretsOf(url)
    const bounds = waits
      ? { maxRetriesPerRequest: null, socketTimeout: HELD_ANSWER_MS }
      : { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: ANSWER_MS, socketTimeout: ANSWER_MS }
    this.client = new Redis(url, {
      ...bounds,
      connectTimeout: CONNECT_MS,
      keepAlive: TCP_KEEP_ALIVE_MS,
      retryStrategy: (times) => Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * times),
    })
    this.client.on('error', (error) => this.note(error))
    this.client.on('ready', () => {
      if (this.#told !== undefined) log.info('redis reached')
      this.#told = undefined
    })
  }

  /** Resolves when it is connected; rejects when that fails, or takes longer than CONNECT_MS. */
  async ready(): Promise<void> {
    if (this.client.status === 'ready') return
    this.#connecting ??= once(this.client, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) }).finally(() => {
      this.#connecting = undefined
    })
    await this.#connecting
  }

  /** Tells of an error, unless it was told last. */
  note(error: unknown): void {
    const { message } = this.plain(error)
    if (message === this.#told) return
    this.#told = message
    this.#log.warn('redis failed', { reason: message })
  }

  /** The error without what must not be told. */
  plain(error: unknown): Error {
    const text = error instanceof Error ? error.message : String(error)
    const told = this.#secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text)
    return new Error(told.slice(0, MAX_REASON))
  }

  close(): void {
    this.client.disconnect()
  }
}

/** The password of a URL, as it stands there and decoded. */
function secretsOf(url: string): string[] {
  const { password } = new URL(url)
  return [password, decoded(password)].filter((secret) => secret !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
