import { atMost } from '../at-most.ts'
import { hasPassed } from '../elapsed.ts'
import {
  MAX_EVENT_BYTES,
  MAX_UNCOMMITTED_EVENTS,
  WEBHOOK_MAX_AGE_MS,
  WEBHOOK_MIN_ATTEMPTS,
  WEBHOOK_STOP_MS,
} from '../limits.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys, toBytes, toText } from '../records.ts'
import { Running } from '../running.ts'
import { type DeliveryFailure, type DeliveryParts, deliver } from './delivery.ts'
import { type EventLine, EventLines } from './event-lines.ts'
import type { QueuedEvent } from './queued-event.ts'
import { pauseAfter, type RetryPauses } from './retry-pause.ts'
import type { EventQueue, StreamEvent } from './stream-event.ts'

/** What tells events. */
export interface WebhookQueueParts extends DeliveryParts {
  readonly journal: Journal
  readonly pauses: RetryPauses
  /** The URL that is told of a stream, by its id with its folder; undefined: nobody is. */
  hookFor(app: string, id: string): string | undefined
}

/**
 * Tells events by webhooks: durable with what they tell of, at least once, in order for each stream, streams apart from each other. An
 * event that is not taken is told again, with pauses that grow, until it is WEBHOOK_MAX_AGE_MS old or its address is gone.
 */
export class WebhookQueue implements EventQueue {
  readonly #parts: WebhookQueueParts
  /** Those that may not be durable yet, by id. */
  readonly #written = new Map<string, QueuedEvent>()
  readonly #lines = new EventLines()
  readonly #running = new Running()
  readonly #abort = new AbortController()
  #isBegun = false

  constructor(parts: WebhookQueueParts) {
    this.#parts = parts
  }

  /** Takes up what was not told when the receiver stopped, and begins. */
  begin(): void {
    const left = [...this.#parts.journal.entries(keys.events)].map(
      ([, value]) => JSON.parse(toText(value)) as QueuedEvent,
    )
    for (const { id } of left) this.#written.delete(id)
    this.#isBegun = true
    this.#take(left)
  }

  writes(event: StreamEvent): readonly JournalWrite[] {
    const { host, hookFor } = this.#parts
    if (hookFor(event.app, event.id) === undefined) return []
    const queued = { id: host.nextId(), at: host.clock.now(), event }
    const value = toBytes(JSON.stringify(queued))
    if (value.length > MAX_EVENT_BYTES) {
      host.log.error('webhook event is too large', { ...namesOf(queued), bytes: value.length })
      return []
    }
    this.#written.set(queued.id, queued)
    // The batch of the oldest has failed; if not, it is found at the next start.
    const [oldest] = this.#written.keys()
    if (oldest !== undefined && this.#written.size > MAX_UNCOMMITTED_EVENTS) this.#written.delete(oldest)
    return [{ key: keys.event(queued.id), value }]
  }

  wake(): void {
    if (!this.#isOn) return
    const committed = [...this.#written.values()].filter(
      ({ id }) => this.#parts.journal.get(keys.event(id)) !== undefined,
    )
    for (const { id } of committed) this.#written.delete(id)
    this.#take(committed)
  }

  /** Ends requests that run, and tells nothing any more; at most WEBHOOK_STOP_MS. What was not taken is told after the next start. */
  async stop(): Promise<void> {
    this.#abort.abort()
    this.#lines.cancelPauses()
    await atMost(this.#parts.host.clock, WEBHOOK_STOP_MS, this.#running.none())
  }

  get #isOn(): boolean {
    return this.#isBegun && !this.#abort.signal.aborted
  }

  #take(events: readonly QueuedEvent[]): void {
    const { host, hookFor } = this.#parts
    const left: QueuedEvent[] = []
    for (const queued of events) {
      const url = hookFor(queued.event.app, queued.event.id)
      const given = url === undefined ? [queued] : this.#lines.add(url, queued)
      const reason = url === undefined ? 'no URL is set any more' : 'too many wait'
      for (const each of given) host.log.error('webhook event given up', { ...namesOf(each), reason })
      left.push(...given)
    }
    if (left.length > 0) void this.#running.during(() => this.#forget(left))
    this.#next()
  }

  #next(): void {
    while (this.#isOn) {
      const line = this.#lines.next()
      if (line === undefined) return
      void this.#running.during(() => this.#send(line)).finally(() => this.#next())
    }
  }

  async #send(line: EventLine): Promise<void> {
    const [queued] = line.events
    try {
      if (queued !== undefined) await this.#attempt(line, queued)
    } catch (cause) {
      this.#parts.host.log.error('webhook failed', { host: line.host, cause })
      if (this.#isOn) this.#pause(line, 0)
    } finally {
      this.#lines.ended(line)
    }
  }

  async #attempt(line: EventLine, queued: QueuedEvent): Promise<void> {
    const { host } = this.#parts
    const failure = await deliver(this.#parts, line.url, queued, this.#abort.signal)
    if (failure === undefined) {
      host.log.info('webhook sent', { ...namesOf(queued), host: line.host, attempts: line.failures + 1 })
      line.failures = 0
      await this.#done(line, [queued])
    } else if (this.#isOn) {
      await this.#failed(line, queued, failure)
    }
  }

  async #failed(line: EventLine, queued: QueuedEvent, failure: DeliveryFailure): Promise<void> {
    const { host } = this.#parts
    const { code, text, isGone, retryAfterMs } = failure
    const told = { host: line.host, code, text }
    const ms = isGone ? 0 : this.#pause(line, retryAfterMs)
    const left = isGone ? [queued] : this.#tooOld(line)
    for (const each of left) host.log.error('webhook event given up', { ...namesOf(each), ...told })
    if (!left.includes(queued)) host.log.warn('webhook is sent again', { ...namesOf(queued), ...told, afterMs: ms })
    if (left.length > 0) await this.#done(line, left)
  }

  /** Those behind the first go to the same address: none of them would fare better. */
  #tooOld(line: EventLine): QueuedEvent[] {
    const now = this.#parts.host.clock.now()
    if (line.failures < WEBHOOK_MIN_ATTEMPTS) return []
    return line.events.filter(({ at }) => hasPassed(at, WEBHOOK_MAX_AGE_MS, now))
  }

  /** Counts a failure; returns how long nothing is told of the stream, in ms. */
  #pause(line: EventLine, retryAfterMs: number): number {
    const { host, pauses } = this.#parts
    const ms = pauseAfter(++line.failures, retryAfterMs, pauses, host.random())
    const cancel = host.clock.after(ms, () => {
      this.#lines.resume(line)
      this.#next()
    })
    this.#lines.pause(line, cancel)
    return ms
  }

  #done(line: EventLine, events: readonly QueuedEvent[]): Promise<void> {
    this.#lines.remove(line, events)
    return this.#forget(events)
  }

  async #forget(events: readonly QueuedEvent[]): Promise<void> {
    try {
      await this.#parts.journal.commit(events.map(({ id }) => ({ key: keys.event(id), value: null })))
    } catch (cause) {
      this.#parts.host.log.error('webhook events not crossed off: they are sent again after the next start', { cause })
    }
  }
}

/** What the log tells of an event. */
function namesOf({ id, event }: QueuedEvent): Record<string, string> {
  return { id, action: event.action, app: event.app, stream: event.id }
}
