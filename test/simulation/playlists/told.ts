import type { TrueEntry, TrueVersion } from './truth.ts'

/** Versions of one run are ordered by their last number, then by ENDLIST. */
export function orderOf(version: TrueVersion): number {
  return lastOf(version) + (version.hasEndlist ? 0.5 : 0)
}

/** A list of a new run looks like the old one gone on, when hardly any of what both name came again, and where they name nothing both, no init section and key. */
export function isUntold(before: TrueVersion, version: TrueVersion): boolean {
  const ready = new Map(before.entries.map(({ number, segment }) => [number, segment.readyAt !== undefined]))
  const both = version.entries.filter(({ number }) => ready.has(number))
  const isAhead = !version.hasDates && version.run > before.run && lastOf(version) >= lastOf(before)
  const isTold =
    both.length > 0
      ? both.filter(({ number, segment }) => ready.get(number) === true && segment.readyAt !== undefined).length * 2 >
        both.length
      : version.entries.some(({ map, key }) => map?.readyAt !== undefined || key?.readyAt !== undefined)
  return isAhead && !isTold
}

/** Whether a version's first entries are those. */
export function startsWith({ entries }: TrueVersion, ids: readonly string[]): boolean {
  return ids.every((id, index) => entries[index]?.id === id)
}

/** The last number of a version; -1 of an empty one. */
export function lastOf({ entries }: TrueVersion): number {
  return entries.at(-1)?.number ?? -1
}

/** When all that an entry names was here; Infinity: it is not, or nobody can tell whose it is. */
export function readyAt({ segment, map, key }: TrueEntry): number {
  if (segment.isTaken) return Number.POSITIVE_INFINITY
  return Math.max(
    ...[segment, map, key].map((resource) => (resource === undefined ? 0 : (resource.readyAt ?? Infinity))),
  )
}

/** The end of a list in words. */
export function endOf({ hasEndlist }: { hasEndlist: boolean }): string {
  return hasEndlist ? ' and its end' : ''
}
