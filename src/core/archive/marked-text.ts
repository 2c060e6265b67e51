import type { UriLookup } from '../playlist/lookup.ts'
import { toBytes } from '../records.ts'
import { uploadLine } from '../sharing/shared-entry.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import { changedShared } from './shared-lines.ts'
import { BREAK, entryLines, longestUnnamed, versionOf } from './write-block.ts'

/** A part of a recording in which each entry says what it was uploaded as, for receivers that share it. */
export function markedText(
  entries: readonly ArchivedEntry[],
  lookup: UriLookup,
  { version, targetDuration }: { readonly version: number; readonly targetDuration: number },
): Uint8Array {
  let holding: readonly string[] = []
  const body = entries.flatMap((entry, index) => {
    const { uri, segment, isGap } = entry
    const isBreak = entry.isBreak || entries[index - 1]?.isCutBehind === true
    const shared = changedShared(holding, entry.shared)
    holding = entry.shared
    const mark = uploadLine(lookup.public(uri), isGap ? undefined : segment?.id)
    return [mark, ...(isBreak && index > 0 ? [BREAK] : []), ...shared, ...entryLines(entry, lookup)]
  })
  const head = [
    '#EXTM3U',
    `#EXT-X-VERSION:${Math.max(version, versionOf(entries))}`,
    `#EXT-X-TARGETDURATION:${Math.max(targetDuration, longestUnnamed(entries))}`,
    `#EXT-X-MEDIA-SEQUENCE:${entries[0]?.number ?? 0}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
  ]
  return toBytes([...head, ...body, '#EXT-X-ENDLIST'].map((line) => `${line}\n`).join(''))
}
