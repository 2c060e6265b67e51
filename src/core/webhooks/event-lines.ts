import { MAX_EVENTS, MAX_STREAM_EVENTS, WEBHOOKS_AT_ONCE, WEBHOOKS_PER_HOST } from '../limits.ts'
import type { QueuedEvent } from './queued-event.ts'
import { Turns } from './turns.ts'

/** The events of one stream that wait to be told, the oldest first. */
export interface EventLine {
  readonly key: string
  readonly url: string
  /** The host and port of the URL. */
  readonly host: string
  readonly events: QueuedEvent[]
  /** Attempts in a row that failed. */
  failures: number
  /** Ends the pause after an attempt that failed. */
  cancelPause: (() => void) | undefined
}

/** One line of events for each stream: within a line one after the other, lines beside each other, within bounds. */
export class EventLines {
  readonly #lines = new Map<string, EventLine>()
  /** Those whose first event may be told. */
  readonly #due = new Turns<EventLine>()
  /** Those whose first event is being told. */
  readonly #sending = new Set<EventLine>()
  #count = 0

  /** Puts an event at the end of its stream's line; returns those that must go for it, so that there are not too many. */
  add(url: string, queued: QueuedEvent): QueuedEvent[] {
    const line = this.#lineOf(url, queued)
    line.events.push(queued)
    this.#count++
    this.#wait(line)
    if (line.events.length > MAX_STREAM_EVENTS) return this.#removeOldest(line)
    return this.#count > MAX_EVENTS ? this.#removeOldest(this.#longest(line)) : []
  }

  /** A line whose first event may be told now; it counts as being told until `ended`. */
  next(): EventLine | undefined {
    if (this.#sending.size >= WEBHOOKS_AT_ONCE) return undefined
    const hosts = [...this.#sending].map(({ host }) => host)
    const isFree = (host: string) => hosts.filter((other) => other === host).length < WEBHOOKS_PER_HOST
    const line = this.#due.take(isFree)
    if (line !== undefined) this.#sending.add(line)
    return line
  }

  /** The attempt is over; the other lines have their turn first. */
  ended(line: EventLine): void {
    this.#sending.delete(line)
    if (line.events.length > 0) {
      this.#wait(line)
    } else {
      line.cancelPause?.()
      this.#lines.delete(line.key)
    }
  }

  /** Leaves a line alone until `resume`. */
  pause(line: EventLine, cancel: () => void): void {
    line.cancelPause = cancel
  }

  /** The pause is over. */
  resume(line: EventLine): void {
    line.cancelPause = undefined
    this.#wait(line)
  }

  /** Takes events out of their line. */
  remove(line: EventLine, events: readonly QueuedEvent[]): void {
    for (const queued of events) line.events.splice(line.events.indexOf(queued), 1)
    this.#count -= events.length
  }

  /** Ends all pauses, and nothing is resumed. */
  cancelPauses(): void {
    for (const line of this.#lines.values()) line.cancelPause?.()
  }

  #lineOf(url: string, { event }: QueuedEvent): EventLine {
    const key = `${event.app}/${event.id}`
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const line: EventLine = { key, url, host: new URL(url).host, events: [], failures: 0, cancelPause: undefined }
    this.#lines.set(key, line)
    return line
  }

  #wait(line: EventLine): void {
    if (line.cancelPause === undefined && !this.#sending.has(line)) this.#due.add(line)
  }

  /** The newest say how things are, so the oldest goes; not the one that is being told. */
  #removeOldest(line: EventLine): QueuedEvent[] {
    const first = this.#sending.has(line) ? 1 : 0
    const oldest = line.events.slice(first, first + 1)
    this.remove(line, oldest)
    return oldest
  }

  /** The line with most events beside those that are being told; of several, the one that came first. */
  #longest(line: EventLine): EventLine {
    const waiting = (each: EventLine) => each.events.length - (this.#sending.has(each) ? 1 : 0)
    let longest = line
    let most = 0
    for (const each of this.#lines.values()) {
      if (waiting(each) <= most) continue
      longest = each
      most = waiting(each)
    }
    return longest
  }
}
