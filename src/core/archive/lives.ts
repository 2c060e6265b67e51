import type { ArchivedEntry } from './archived-entry.ts'

/**
 * For each entry the id with which the uploads of the encoder's next life begin, as its first entry tells; `last`: behind the
 * last one, where it is known.
 */
export function endsOfLives(
  entries: readonly ArchivedEntry[],
  last: string | undefined,
  beginOf: (first: ArchivedEntry) => string | undefined = ({ from }) => from,
): (string | undefined)[] {
  const ends: (string | undefined)[] = []
  let end = last
  for (let index = entries.length - 1; index >= 0; index--) {
    const next = entries[index + 1]
    if (next !== undefined && next.from !== entries[index]?.from) end = next.lifeBeforeTo ?? beginOf(next) ?? end
    ends[index] = end
  }
  return ends
}

/** A life of the encoder: the id from which its uploads are, and that of the first which it is known to have sent. */
export interface Life {
  readonly from: string
  readonly begin: string
}

/** The first upload that each life is known to have sent, by the id from which its uploads are; `known` has begun before. */
export function beginsOfLives(entries: readonly ArchivedEntry[], known?: Life): ReadonlyMap<string, string> {
  const begins = new Map(known === undefined ? [] : [[known.from, known.begin]])
  for (const { from, segment } of entries) {
    const known = begins.get(from)
    if (segment !== undefined && (known === undefined || segment.id < known)) begins.set(from, segment.id)
  }
  return begins
}

/** The uploads that entries are bound to. */
export function boundUploads(entries: readonly ArchivedEntry[]): ReadonlySet<string> {
  return new Set(entries.flatMap(({ segment }) => segment?.id ?? []))
}
