import { MAX_UPLOAD_LAGS } from '../limits.ts'
import type { Meter } from '../ports.ts'

/** Measures how long segments took to the store against how long they play, whichever of the two is known first. */
export class UploadLags {
  readonly #meter: Meter
  /** By store key: how long uploads took, in ms, those known longest first. */
  readonly #took = new Map<string, number>()
  /** By store key: how long segments play that are still on their way, in s. */
  readonly #plays = new Map<string, number>()

  constructor(meter: Meter) {
    this.#meter = meter
  }

  /** The store got an object, `ms` after it was accepted. */
  stored(key: string, ms: number): void {
    const seconds = this.#plays.get(key)
    this.#plays.delete(key)
    if (seconds === undefined) remember(this.#took, key, ms)
    else this.#meter.lag(ms / 1000 / seconds)
  }

  /** A playlist named a segment that plays so many seconds; `isPending`: the store lacks it. */
  named(key: string, seconds: number, isPending: boolean): void {
    const ms = this.#took.get(key)
    this.#took.delete(key)
    if (!(seconds > 0)) return
    if (ms !== undefined) this.#meter.lag(ms / 1000 / seconds)
    else if (isPending) remember(this.#plays, key, seconds)
  }
}

function remember(map: Map<string, number>, key: string, value: number): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MAX_UPLOAD_LAGS && oldest !== undefined) map.delete(oldest)
}
