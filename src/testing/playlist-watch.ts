import { readServed, type ServedEntry, type ServedPlaylist } from './served-playlist.ts'

/** Checks that one playlist, read again and again, only ever goes forward (promise P4). */
export class PlaylistWatch {
  private last: ServedPlaylist | undefined

  /** Takes the next text that was served and gives back what it breaks: sentences that begin with `P4:`. */
  observe(text: string): string[] {
    const next = readServed(text)
    const before = this.last
    this.last = next
    if (before === undefined) return []
    if (before.kind !== next.kind) return [`P4: a ${before.kind} playlist became a ${next.kind} playlist`]
    return [...brokenHeader(before, next), ...brokenEntries(before, next)]
  }
}

function brokenHeader(before: ServedPlaylist, next: ServedPlaylist): string[] {
  const broken: string[] = []
  const neverBack = (what: string, was: number, is: number) => {
    if (is < was) broken.push(`P4: ${what} went back from ${was} to ${is}`)
  }
  neverBack('EXT-X-MEDIA-SEQUENCE', before.mediaSequence, next.mediaSequence)
  neverBack('EXT-X-DISCONTINUITY-SEQUENCE', before.discontinuitySequence, next.discontinuitySequence)
  neverBack('EXT-X-TARGETDURATION', before.targetDuration, next.targetDuration)
  neverBack('the last number', lastNumber(before), lastNumber(next))
  if (before.hasEndlist && !next.hasEndlist && lastNumber(next) <= lastNumber(before)) {
    broken.push('P4: EXT-X-ENDLIST went away though nothing was added')
  }
  return broken
}

function brokenEntries(before: ServedPlaylist, next: ServedPlaylist): string[] {
  const olds = new Map(withParts(before).map((old) => [old.entry.number, old]))
  return withParts(next).flatMap(({ entry, part }) => {
    const old = olds.get(entry.number)
    if (old === undefined) return []
    const changes = changesOf(old.entry, entry)
    if (part !== old.part) changes.push(`discontinuity number ${old.part} became ${part}`)
    return changes.map((change) => `P4: entry ${entry.number} (${entry.uri}): ${change}`)
  })
}

function changesOf(old: ServedEntry, entry: ServedEntry): string[] {
  const changes: string[] = []
  if (old.duration !== entry.duration) changes.push(`duration ${old.duration} became ${entry.duration}`)
  if (!old.isGap && entry.isGap) changes.push('became a GAP')
  const isMended = old.isGap && !entry.isGap
  const what = entry.isGap ? named : fetched
  if (!isMended && what(old) !== what(entry)) changes.push(`${what(old)} became ${what(entry)}`)
  return changes
}

/** What a player fetches for an entry. */
function fetched({ uri, range, map }: ServedEntry): string {
  return JSON.stringify({ uri, range, map })
}

/** What stands for an entry that nothing is fetched for. */
function named({ uri, range }: ServedEntry): string {
  return JSON.stringify({ uri, range })
}

/** Each entry with its absolute discontinuity number (RFC 8216bis section 6.2.1). */
function withParts({ entries, discontinuitySequence }: ServedPlaylist): { entry: ServedEntry; part: number }[] {
  let part = discontinuitySequence
  return entries.map((entry) => {
    if (entry.isDiscontinuity) part += 1
    return { entry, part }
  })
}

function lastNumber({ mediaSequence, entries }: ServedPlaylist): number {
  return mediaSequence + entries.length - 1
}
