import { readPart, type SharedEntry } from './shared-entry.ts'

/**
 * One VOD playlist of what several receivers recorded of a list, in the order in which they had it. Where one had it again
 * before it knew of another, its entries are sorted in by what the encoder's names and the uploads' ids say.
 */
export function mergedRecording(texts: readonly string[]): string {
  const parts = texts.map(readPart)
  const entries = inOrder(withoutFilledGaps(parts.map((part) => part.entries)))
  const head = [
    '#EXTM3U',
    `#EXT-X-VERSION:${Math.max(...parts.map(({ version }) => version))}`,
    `#EXT-X-TARGETDURATION:${Math.max(...parts.map(({ targetDuration }) => targetDuration))}`,
    `#EXT-X-MEDIA-SEQUENCE:${parts[0]?.mediaSequence ?? 0}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
  ]
  return [...head, ...bodyOf(entries), '#EXT-X-ENDLIST'].map((line) => `${line}\n`).join('')
}

/** Who takes a list over names what was sent to the one before: there these are no holes. One that both have is shown once. */
function withoutFilledGaps(parts: readonly (readonly SharedEntry[])[]): readonly (readonly SharedEntry[])[] {
  const known = new Map<string, SharedEntry[]>()
  const note = (entry: SharedEntry) => known.set(entry.name, [...(known.get(entry.name) ?? []), entry])
  for (const entry of parts.flat()) if (!entry.isGap) note(entry)
  const isHole = (entry: SharedEntry) => {
    if (known.get(entry.name)?.some((other) => isSame(entry, other)) === true) return false
    note(entry)
    return true
  }
  return parts.map((entries) => entries.filter((entry) => !entry.isGap || isHole(entry)))
}

/** A restarted encoder uses names again, mostly with other times. */
function isSame(one: SharedEntry, other: SharedEntry): boolean {
  const isTimed = one.dateTime !== undefined && other.dateTime !== undefined
  return one.duration === other.duration && (!isTimed || one.dateTime === other.dateTime)
}

interface Placed {
  readonly entry: SharedEntry
  readonly part: number
}

function inOrder(parts: readonly (readonly SharedEntry[])[]): Placed[] {
  const next = parts.map(() => 0)
  const merged: Placed[] = []
  for (;;) {
    let found: Placed | undefined
    for (const [part, entries] of parts.entries()) {
      const entry = entries[next[part] ?? 0]
      if (entry !== undefined && (found === undefined || isBefore(entry, found.entry))) found = { entry, part }
    }
    if (found === undefined) return merged
    merged.push(found)
    next[found.part] = (next[found.part] ?? 0) + 1
  }
}

/** Whether an entry of a later part was sent before one of an earlier part: by its number as well as by its upload. */
function isBefore(entry: SharedEntry, other: SharedEntry): boolean {
  if (entry.number === undefined || other.number === undefined) return false
  return entry.number < other.number && entry.id < other.id
}

function bodyOf(entries: readonly Placed[]): string[] {
  let shared: readonly string[] = []
  return entries.flatMap(({ entry, part }, index) => {
    const isJoint = index > 0 && (entry.isDiscontinuity || entries[index - 1]?.part !== part)
    const changed = changedShared(shared, entry.shared)
    shared = entry.shared
    return [...(isJoint ? ['#EXT-X-DISCONTINUITY'] : []), ...changed, ...entry.lines]
  })
}

/** The MAP and KEY lines that differ from those before; a key that an entry does not have must not go on. */
function changedShared(before: readonly string[], now: readonly string[]): readonly string[] {
  if (now.length === before.length && now.every((line, index) => line === before[index])) return []
  const hasKey = (lines: readonly string[]) => lines.some((line) => line.startsWith('#EXT-X-KEY'))
  return hasKey(before) && !hasKey(now) ? ['#EXT-X-KEY:METHOD=NONE', ...now] : now
}
