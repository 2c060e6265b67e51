import { NOTHING, type Resource, type SeenEntry, type TrueEntry } from './truth.ts'

/**
 * What is wrong with the bytes that players get for an entry (promise P2). Its files may be those of `others`, where nobody
 * can tell their runs apart.
 */
export function wrongBytes(entry: SeenEntry, truth: TrueEntry, others: readonly TrueEntry[]): string[] {
  if (entry.hash === undefined) return []
  const { hash, mapHash, keyHash } = entry
  const numbered = others.filter(({ number }) => number === truth.number)
  const isOneOf = (entries: readonly TrueEntry[], what: 'segment' | 'map' | 'key', seen: string | undefined) =>
    [truth, ...entries].some((each) => mayBe(each[what], seen ?? ''))
  return [
    ...(isOneOf(numbered, 'segment', hash) ? [] : [`P2: not the bytes of the segment (${hash})`]),
    ...(others.length > 0 || isOneOf(others, 'map', mapHash) ? [] : [`P2: not the bytes of its MAP (${mapHash})`]),
    ...(others.length > 0 || isOneOf(others, 'key', keyHash) ? [] : [`P2: not the bytes of its KEY (${keyHash})`]),
  ]
}

function mayBe(resource: Resource | undefined, hash: string): boolean {
  return resource === undefined || resource.isLost || resource.hashes.has(hash) || resource.alike.has(hash)
}

/** What of an entry leads nowhere (promise P2). */
export function dangling({ hash, mapHash }: SeenEntry): string[] {
  return hash !== undefined && (hash === NOTHING || mapHash === NOTHING) ? ['P2: its segment or MAP leads nowhere'] : []
}
