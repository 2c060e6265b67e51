import { MAX_EVENTS, MAX_STREAM_EVENTS, WEBHOOKS_AT_ONCE, WEBHOOKS_PER_HOST } from '../limits.ts'
import type { QueuedEvent } from './queued-event.ts'

/** The events of one stream that wait to be told, the oldest first. */
export interface EventLine {
  readonly key: string
  readonly url: string
  /** The host and port of the URL. */
  readonly host: string
  readonly events: QueuedEvent[]
  /** Attempts in a row that failed. */
  failures: number
  /** The first of them is being told. */
  isSending: boolean
  /** Ends the pause after an attempt that failed. */
  cancelPause: (() => void) | undefined
}

/** One line of events for each stream: within a line one after the other, lines beside each other, within bounds. */
export class EventLines {
  readonly #lines = new Map<string, EventLine>()
  #count = 0

  /** Puts an event at the end of its stream's line; returns those that must go for it, so that there are not too many. */
  add(url: string, queued: QueuedEvent): QueuedEvent[] {
    const line = this.#lineOf(url, queued)
    line.events.push(queued)
    this.#count++
    if (line.events.length > MAX_STREAM_EVENTS) return this.#removeOldest(line)
    return this.#count > MAX_EVENTS ? this.#removeOldest(this.#longest()) : []
  }

  /** A line whose first event may be told now; it counts as being told from now on. */
  next(): EventLine | undefined {
    const sending = [...this.#lines.values()].filter(({ isSending }) => isSending)
    if (sending.length >= WEBHOOKS_AT_ONCE) return undefined
    const toHost = (host: string) => sending.filter((line) => line.host === host).length
    for (const line of this.#lines.values()) {
      const isDue = !line.isSending && line.cancelPause === undefined
      if (!isDue || toHost(line.host) >= WEBHOOKS_PER_HOST) continue
      line.isSending = true
      return line
    }
    return undefined
  }

  /** The attempt is over; the other lines have their turn first. */
  ended(line: EventLine): void {
    line.isSending = false
    this.#lines.delete(line.key)
    if (line.events.length > 0) this.#lines.set(line.key, line)
    else line.cancelPause?.()
  }

  /** Takes events out of their line. */
  remove(line: EventLine, events: readonly QueuedEvent[]): void {
    for (const queued of events) line.events.splice(line.events.indexOf(queued), 1)
    this.#count -= events.length
  }

  /** Ends all pauses, so that nothing is told by itself any more. */
  cancelPauses(): void {
    for (const line of this.#lines.values()) line.cancelPause?.()
  }

  #lineOf(url: string, { event }: QueuedEvent): EventLine {
    const key = `${event.app}/${event.id}`
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const state = { events: [], failures: 0, isSending: false, cancelPause: undefined }
    const line: EventLine = { key, url, host: new URL(url).host, ...state }
    this.#lines.set(key, line)
    return line
  }

  /** The newest say how things are, so the oldest goes; not the one that is being told. */
  #removeOldest(line: EventLine): QueuedEvent[] {
    const oldest = line.events.slice(line.isSending ? 1 : 0).slice(0, 1)
    this.remove(line, oldest)
    return oldest
  }

  /** The line with most events; of several, the one that had its turn first. */
  #longest(): EventLine {
    return [...this.#lines.values()].reduce((one, other) => (other.events.length > one.events.length ? other : one))
  }
}
