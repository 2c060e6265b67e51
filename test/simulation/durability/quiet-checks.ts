import type { Journal } from '../../../src/core/ports.ts'
import type { Receiver } from '../../../src/core/receiver.ts'
import type { FakeStore } from '../world/fake-store.ts'
import { bytesOf, type Violations } from './checks.ts'

/**
 * P1: once nothing is on its way any more, the store has every object and playlist as it is served. A store that forgets
 * what was not synced is left out.
 */
export async function unfinishedWork(journal: Journal, store: FakeStore, receiver: Receiver): Promise<Violations> {
  if (!store.capabilities.durablePut) return []
  const violations: Violations = []
  for (const prefix of ['s/live/', 'p/live/']) {
    for (const [key] of journal.entries(prefix)) {
      const name = key.slice(prefix.length)
      const served = await bytesOf(() => receiver.origin.serve('live', name))
      const stored = store.peek(`live/streams/${name}`)
      const isThere = stored === undefined ? served === undefined : served?.equals(stored) === true
      if (!isThere) violations.push(`P1: the store does not have ${name}`)
    }
  }
  return violations
}
