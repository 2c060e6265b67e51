import type { Journal } from '../../src/core/ports.ts'
import type { Receiver } from '../../src/core/receiver.ts'
import { bytesOf, isPlaylist, type Violations } from './durability-checks.ts'
import type { FakeJournal } from './fake-journal.ts'
import type { FakeStore } from './fake-store.ts'
import type { Attempt } from './uploads.ts'

/** What holds besides once nothing is on its way any more. */
export async function unfinishedWork(
  { journal, store }: { readonly journal: FakeJournal; readonly store: FakeStore },
  receiver: Receiver,
  attempts: readonly Attempt[],
): Promise<Violations> {
  // When the journal refuses a batch, the playlist is right again only with the next upload.
  const late = journal.refused > 0 ? [] : await unpublished(receiver, attempts)
  return [...late, ...(await notStored(receiver, journal, store))]
}

/** P9: a playlist is served in its newest accepted version when every segment that it names was acknowledged. */
async function unpublished(receiver: Receiver, attempts: readonly Attempt[]): Promise<Violations> {
  const acknowledged = new Set(
    attempts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).map(({ name }) => name),
  )
  const violations: Violations = []
  for (const name of [...acknowledged].filter(isPlaylist)) {
    const accepted = (await bytesOf(() => receiver.readBack({ app: 'live', name, owner: '' })))?.toString() ?? ''
    if (!uris(accepted).every((uri) => acknowledged.has(uri))) continue
    const served = (await bytesOf(() => receiver.serve('live', name)))?.toString() ?? ''
    if (withoutUris(served) !== withoutUris(accepted)) violations.push(`P9: the newest ${name} is not served`)
  }
  return violations
}

const uris = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const withoutUris = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n')

/** P1: the store has every object and playlist as it is served. A store that forgets what was not synced is left out. */
async function notStored(receiver: Receiver, journal: Journal, store: FakeStore): Promise<Violations> {
  if (!store.capabilities.durablePut) return []
  const violations: Violations = []
  for (const prefix of ['s/live/', 'q/live/']) {
    for (const [key] of journal.entries(prefix)) {
      const name = key.slice(prefix.length)
      const served = await bytesOf(() => receiver.serve('live', name))
      const stored = store.peek(`live/streams/${name}`)
      if (stored === undefined || served?.equals(stored) !== true)
        violations.push(`P1: the store does not have ${name}`)
    }
  }
  return violations
}
