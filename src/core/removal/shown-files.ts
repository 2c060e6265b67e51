import { attributeOf } from '../playlist/tags.ts'
import type { MediaRecord } from '../playlist-record.ts'
import { boundNames, storedName } from './named-files.ts'

/** What a live playlist shows: as it is served, and as its newest version will be. */
export interface ShownFiles {
  readonly names: ReadonlySet<string>
  /** It keeps entries that are not among these names. */
  readonly isLonger: boolean
  /** How long its window plays, in ms. */
  readonly windowMs: number
}

/** The stored names that a media playlist shows at this moment. */
export function shownFiles({ timeline, served, sealed }: MediaRecord, name: string): ShownFiles {
  const names = new Set<string>()
  let windowMs = 0
  for (const entry of timeline.entries) {
    for (const stored of boundNames(entry)) names.add(stored)
    windowMs += 1_000 * (Number.parseFloat(entry.identity) || 0)
  }
  for (const stored of servedNames(served?.entries ?? [], name)) names.add(stored)
  return { names, isLonger: sealed !== undefined || served?.sealed !== undefined, windowMs }
}

function* servedNames(entries: readonly string[], name: string): Generator<string> {
  for (const line of entries.join('').split('\n')) {
    const uri = line.startsWith('#') ? attributeOf(line, 'URI')?.value : line.trim()
    const stored = storedName(uri ?? '', name)
    if (stored !== undefined) yield stored
  }
}
