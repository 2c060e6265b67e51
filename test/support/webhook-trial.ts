import type { Journal, Log } from '../../src/core/ports.ts'
import type { StreamEvent } from '../../src/core/webhooks/stream-event.ts'
import { WebhookQueue, type WebhookQueueParts } from '../../src/core/webhooks/webhook-queue.ts'
import { WebhookError, type WebhookRequest, type WebhookSender } from '../../src/core/webhooks/webhook-sender.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock } from './fake-clock.ts'

/** A request that was made, when, and what it told. */
export interface Told {
  readonly at: number
  readonly request: WebhookRequest
  readonly stream: string
  /** The `vodId` of the event. */
  readonly mark: string
}

/** An answer: a status, with Retry-After if any, or none. */
export type Answer = { readonly status: number; readonly retryAfter?: string } | 'unreachable' | 'hangs'

/** A line of the log. */
export interface Line {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Record<string, unknown>
}

/** An event of a stream that is told from others by its mark. */
export function vodReady(stream: string, mark: string, app = 'live'): StreamEvent {
  return { action: 'vodReady', app, id: stream, timestamp: 1_000, vodId: mark, vodName: stream, duration: 2_000 }
}

/** A queue of webhooks in time that stands still, whose requests are answered as the test says. */
export class WebhookTrial {
  readonly clock = new FakeClock()
  readonly journal: Journal = memoryJournal()
  readonly told: Told[] = []
  readonly lines: Line[] = []
  /** Most requests that ran at once, of all and by host. */
  readonly most = new Map<string, number>()
  /** What a request is answered. */
  answer: (told: Told) => Answer = () => ({ status: 200 })
  random = 1
  queue: WebhookQueue
  readonly #running = new Map<string, number>()
  readonly #parts: Partial<WebhookQueueParts>
  #life = 0

  constructor(parts: Partial<WebhookQueueParts> = {}) {
    this.#parts = parts
    this.queue = this.#open()
  }

  /** Writes an event down, and has it told. */
  async tell(...events: readonly StreamEvent[]): Promise<void> {
    for (const event of events) {
      await this.journal.commit(this.queue.writes(event))
      this.queue.wake()
    }
    await this.clock.advance(0)
  }

  /** Ends the process without a stop, and starts again with the same journal. */
  async startAgain(parts: Partial<WebhookQueueParts> = {}): Promise<void> {
    await this.queue.stop()
    this.clock.forget()
    this.queue = this.#open(parts)
    this.queue.begin()
    await this.clock.advance(0)
  }

  /** The marks that were told, in order, of one stream or of all. */
  marks(stream?: string): string[] {
    return this.told.filter((told) => stream === undefined || told.stream === stream).map(({ mark }) => mark)
  }

  /** Fields of the log lines with this text. */
  logged(event: string): Record<string, unknown>[] {
    return this.lines.filter((line) => line.event === event).map(({ fields }) => fields)
  }

  /** What is still in the journal. */
  get left(): number {
    return [...this.journal.entries('K/')].length
  }

  #open(parts: Partial<WebhookQueueParts> = {}): WebhookQueue {
    const note =
      (level: Line['level']) =>
      (event: string, fields: Record<string, unknown> = {}) =>
        void this.lines.push({ level, event, fields })
    const log: Log = { info: note('info'), warn: note('warn'), error: note('error') }
    const host = { ...simulatedHost(this.clock, ++this.#life, log), random: () => this.random }
    return new WebhookQueue({
      ...{ host, journal: this.journal, sender: this.#sender(), secrets: [], contentType: 'application/json' },
      pauses: { firstMs: 1_000, longestMs: 60_000 },
      hookFor: () => 'https://hooks.example/',
      ...this.#parts,
      ...parts,
    })
  }

  #sender(): WebhookSender {
    return {
      send: async (request, signal) => {
        const { host } = new URL(request.url)
        this.#count(host, 1)
        this.#count('', 1)
        try {
          return await this.#send(request, signal)
        } finally {
          this.#count(host, -1)
          this.#count('', -1)
        }
      },
    }
  }

  async #send(request: WebhookRequest, signal: AbortSignal) {
    const { id, vodId } = JSON.parse(request.body) as { id: string; vodId: string }
    const told = { at: this.clock.now(), request, stream: id, mark: vodId }
    this.told.push(told)
    const answer = this.answer(told)
    const ended = AbortSignal.any([signal])
    if (answer === 'hangs') await new Promise((resolve) => ended.addEventListener('abort', resolve))
    if (answer === 'hangs' || answer === 'unreachable') throw new WebhookError('webhook-unreachable', 'No answer.')
    return { status: answer.status, retryAfter: answer.retryAfter }
  }

  #count(host: string, by: number): void {
    const now = (this.#running.get(host) ?? 0) + by
    this.#running.set(host, now)
    this.most.set(host, Math.max(this.most.get(host) ?? 0, now))
  }
}
