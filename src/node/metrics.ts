import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Counted, Meter } from '../core/ports.ts'
import type { SpoolState } from '../core/storing/spool.ts'

const PREFIX = 'hls_receiver_'

/** Counters by what is counted: their names, and what Prometheus is told of them. */
const COUNTERS: Readonly<Record<Counted, readonly [name: string, help: string]>> = {
  accepted: ['accepted_total', 'Uploads that were acknowledged.'],
  acceptedBytes: ['accepted_bytes_total', 'Bytes of uploads that were acknowledged.'],
  stored: ['stored_total', 'Objects that the store got.'],
  storedBytes: ['stored_bytes_total', 'Bytes of objects that the store got.'],
  retried: ['store_retries_total', 'Attempts at the store that failed, and were tried again.'],
  gaps: ['gaps_total', 'Holes that were served, as EXT-X-GAP.'],
}

/** Over 1, an upload takes longer than its segment plays. */
const LAG_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 5, 10, 30]

/** What is read when Prometheus asks. */
export interface Observed {
  readonly spool: SpoolState
  readonly isStoreDown: boolean
}

/** The numbers of one receiver. */
export interface Metrics {
  readonly meter: Meter
  readonly contentType: string
  /** Everything in Prometheus's text form. */
  text(observed: Observed): Promise<string>
}

/** Counts in the form of Prometheus; the only place that knows prom-client. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counters = Object.entries(COUNTERS).map(
    ([what, [name, help]]) => [what, new Counter({ name: PREFIX + name, help, registers })] as const,
  )
  const counterOf = new Map<string, Counter>(counters)
  const gauge = (name: string, help: string) => new Gauge({ name: PREFIX + name, help, registers })
  const objects = gauge('spool_objects', 'Objects that wait for the store.')
  const bytes = gauge('spool_bytes', 'Bytes of objects that wait for the store.')
  const age = gauge('spool_age_seconds', 'Age of the oldest object that waits for the store.')
  const up = gauge('store_up', 'Whether the store answers: 1, or 0.')
  const help = 'How long segments took to the store, as a part of how long they play.'
  const lag = new Histogram({ name: `${PREFIX}upload_lag_ratio`, help, buckets: LAG_BUCKETS, registers })
  return {
    meter: {
      count: (what, by = 1) => counterOf.get(what)?.inc(by),
      lag: (ratio) => lag.observe(ratio),
    },
    contentType: registry.contentType,
    text({ spool, isStoreDown }) {
      objects.set(spool.objects)
      bytes.set(spool.bytes)
      age.set(spool.ageMs / 1000)
      up.set(isStoreDown ? 0 : 1)
      return registry.metrics()
    },
  }
}
