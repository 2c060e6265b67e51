import { parsePlaylistRecord } from '../playlist-record.ts'
import type { Clock, Journal } from '../ports.ts'
import { keys, splitAppKey } from '../records.ts'
import { namedFiles } from './named-files.ts'
import { slices } from './slices.ts'
import { newUses } from './uses.ts'

/**
 * Writes down once, for the playlists that an earlier version recorded, what they lead to that is not called after their stream: before
 * that nothing may be removed. Costs what all recordings cost, in slices.
 */
export async function indexUses(clock: Clock, journal: Journal): Promise<void> {
  if (journal.get(keys.usesKnown) !== undefined) return
  for await (const slice of slices(clock, journal.entries('p/'))) {
    for (const [key, value] of slice) {
      const { app, name } = splitAppKey(key)
      const record = parsePlaylistRecord(value)
      if (record.kind !== 'media') continue
      for await (const named of slices(clock, namedFiles(journal, app, name, record))) {
        const writes = newUses(app, name, new Set(named), undefined)
        if (writes.length > 0) await journal.commit(writes)
      }
    }
  }
  await journal.commit([{ key: keys.usesKnown, value: new Uint8Array(0) }])
}
