import { atMost } from '../at-most.ts'
import { segmentDuration } from '../duration/segment-duration.ts'
import { ReceiverError } from '../errors.ts'
import { DURATIONS_WAIT_MS, MAX_DURATIONS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { attributeOf, hasTag } from '../playlist/tags.ts'
import type { BodyContent, Host } from '../ports.ts'
import type { StoredObject } from '../records.ts'
import type { Unnamed } from './unnamed.ts'

/** What durations are read from. */
export interface SegmentDurationsParts {
  readonly host: Host
  /** The object of a stored name, and its bytes. */
  object(app: string, stored: string): StoredObject | undefined
  content(app: string, object: StoredObject): Promise<BodyContent>
}

/** In s; null where the segment does not tell; `gone` where its body is lost for good. */
export type Told = number | null | 'gone'

/** How long segments play that no playlist named: read from each once, and remembered for a while. */
export class SegmentDurations {
  readonly #parts: SegmentDurationsParts
  /** By the id of the body; those read longest ago come first. */
  readonly #known = new Map<string, Told>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(parts: SegmentDurationsParts) {
    this.#parts = parts
  }

  /** Undefined where it was not read yet. */
  of({ id }: StoredObject): Told | undefined {
    return this.#known.get(id)
  }

  /** Reads segments, each once however many wait, for at most DURATIONS_WAIT_MS; what is not read by then is left for the next time. */
  async read(app: string, segments: readonly Unnamed[], lookup: UriLookup): Promise<void> {
    await atMost(this.#parts.host.clock, DURATIONS_WAIT_MS, this.#readAll(app, segments, lookup))
  }

  async #readAll(app: string, segments: readonly Unnamed[], lookup: UriLookup): Promise<void> {
    for (const segment of segments) {
      const { id } = segment.object
      const running = this.#running.get(id) ?? this.#readOne(app, segment, lookup)
      this.#running.set(id, running)
      await running
      this.#running.delete(id)
    }
  }

  async #readOne(app: string, { object, entry }: Unnamed, lookup: UriLookup): Promise<void> {
    try {
      const init = await this.#init(app, entry.shared, lookup)
      const seconds = await segmentDuration(object.stored, await this.#parts.content(app, object), init)
      this.#remember(object.id, seconds ?? null)
    } catch (cause) {
      // What is gone for good is never read: it must not be waited for.
      if (cause instanceof ReceiverError && cause.code === 'not-found') this.#remember(object.id, 'gone')
      this.#parts.host.log.warn('duration not read', { app, name: object.stored, cause })
    }
  }

  #remember(id: string, told: Told): void {
    this.#known.set(id, told)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_DURATIONS && oldest !== undefined) this.#known.delete(oldest)
  }

  async #init(app: string, shared: readonly string[], lookup: UriLookup): Promise<BodyContent | undefined> {
    const line = shared.find((each) => hasTag(each, '#EXT-X-MAP'))
    const stored = line === undefined ? undefined : lookup.stored(attributeOf(line, 'URI')?.value ?? '')
    const object = stored === undefined ? undefined : this.#parts.object(app, stored)
    return object === undefined ? undefined : this.#parts.content(app, object)
  }
}
