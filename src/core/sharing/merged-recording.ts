import { readPart, type SharedEntry } from './shared-entry.ts'

/** Most holes that are shown where a part ends before the next one begins. */
const MAX_LOST_ENTRIES = 20_000
/** Digits before the extension. */
const DIGITS = /(\d{1,15})(?=\.[A-Za-z0-9]+$)/
/** How far back a list that moves may name what was sent before, in entries. */
const HEAD_ENTRIES = 64

/**
 * One VOD playlist of what several receivers recorded of a list, in the order in which they had it. Where one had it again
 * before it knew of another, its entries are sorted in by what the encoder's names and the uploads' ids say.
 */
export function mergedRecording(texts: readonly string[]): string {
  const parts = texts.map(readPart)
  const entries = inOrder(withoutRepeats(parts.map((part) => part.entries)))
  const head = [
    '#EXTM3U',
    `#EXT-X-VERSION:${Math.max(...parts.map(({ version }) => version))}`,
    `#EXT-X-TARGETDURATION:${Math.max(...parts.map(({ targetDuration }) => targetDuration))}`,
    `#EXT-X-MEDIA-SEQUENCE:${parts[0]?.mediaSequence ?? 0}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
  ]
  return [...head, ...bodyOf(entries), '#EXT-X-ENDLIST'].map((line) => `${line}\n`).join('')
}

/**
 * Who takes a list over names what was sent to the one before: there these are no holes. One that both have is shown once, and
 * so is a segment that was sent to both.
 */
function withoutRepeats(parts: readonly (readonly SharedEntry[])[]): readonly (readonly SharedEntry[])[] {
  const known = new Map<string, SharedEntry[]>()
  const note = (entry: SharedEntry) => {
    const same = known.get(keyOf(entry))
    if (same === undefined) known.set(keyOf(entry), [entry])
    else same.push(entry)
  }
  for (const entry of parts.flat()) if (!entry.isGap) note(entry)
  const ids = parts.flatMap((entries) => entries.flatMap(({ isGap, id }) => (isGap ? [] : [id]))).sort()
  return parts.map((entries) => {
    const froms = lowerBounds(entries, ids)
    return entries.filter((entry, index) => {
      const others = known.get(keyOf(entry)) ?? []
      if (!entry.isGap) return entry.dateTime === undefined || others.length < 2 || others[0] === entry
      const from = froms[index] ?? ''
      if (others.some(({ isGap, id }) => isGap || (id > from && id < entry.id))) return false
      note(entry)
      return true
    })
  })
}

/** Ids behind which the segment of each entry was sent: that of the segment before, at the head the last ones of other parts. */
function lowerBounds(entries: readonly SharedEntry[], ids: readonly string[]): string[] {
  const first = entries.find(({ isGap }) => !isGap)?.id
  const at = first === undefined ? ids.length : ids.indexOf(first)
  let from = ids[Math.max(0, at - HEAD_ENTRIES) - 1] ?? ''
  return entries.map((entry) => {
    const own = from
    if (!entry.isGap) from = entry.id
    return own
  })
}

/** Alike are entries of one name, range and duration, and of one time where they tell it. */
function keyOf({ name, range, duration, dateTime }: SharedEntry): string {
  return [name, range, duration, dateTime].join(' ')
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
    const before = entries[index - 1]
    const isMoved = before !== undefined && before.part !== part
    const isJoint = index > 0 && (entry.isDiscontinuity || isMoved)
    const lost = isMoved && isCounted(entries, index - 1) ? lostBetween(before.entry, entry) : []
    const changed = changedShared(shared, entry.shared)
    shared = entry.shared
    return [...lost, ...(isJoint ? ['#EXT-X-DISCONTINUITY'] : []), ...changed, ...entry.lines]
  })
}

/** Whether the encoder numbers its segments one by one, as far as the two up to an index tell. */
function isCounted(entries: readonly Placed[], index: number): boolean {
  const [one, other] = [entries[index - 1]?.entry.number, entries[index]?.entry.number]
  return one !== undefined && other === one + 1
}

/** What a receiver that is gone had not written down yet: the encoder's numbers tell that it is missing. */
function lostBetween(before: SharedEntry, { number }: SharedEntry): string[] {
  const count = number === undefined || before.number === undefined ? 0 : number - before.number - 1
  if (count <= 0 || count > MAX_LOST_ENTRIES) return []
  return Array.from({ length: count }, (_, index) => [
    `#EXTINF:${before.duration}`,
    '#EXT-X-GAP',
    numbered(before, index + 1),
  ]).flat()
}

/** The name that is so many numbers behind an entry's. */
function numbered({ name, number = 0 }: SharedEntry, steps: number): string {
  const digits = DIGITS.exec(name)?.[1] ?? ''
  return name.replace(
    DIGITS,
    (found) => String(number + steps).padStart(digits.length, '0') + found.slice(digits.length),
  )
}

/** The MAP and KEY lines that differ from those before; a key that an entry does not have must not go on. */
function changedShared(before: readonly string[], now: readonly string[]): readonly string[] {
  if (now.length === before.length && now.every((line, index) => line === before[index])) return []
  const hasKey = (lines: readonly string[]) => lines.some((line) => line.startsWith('#EXT-X-KEY'))
  return hasKey(before) && !hasKey(now) ? ['#EXT-X-KEY:METHOD=NONE', ...now] : now
}
