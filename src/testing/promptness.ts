import type { CpuWait } from './cpu-wait.ts'
import type { ExpectedEntry, ExpectedPart, ExpectedVersion, Timeline } from './expected-timeline.ts'
import type { PlaylistFollower } from './playlist-follower.ts'
import type { Recording } from './recording.ts'

/** Longest time from the arrival of a segment and its playlist to the origin (promise P9), in ms. */
export const PROMPT_MS = 500

/** How promptly a playlist was served. */
export interface Promptness {
  /** Sentences that begin with `P9:`. */
  readonly violations: readonly string[]
  /** Longest time, in ms, that an entry was missing although nothing before it was awaited any more. */
  readonly worstMs: number
  /** Longest time, in ms, that a whole entry stood behind one that had not come. */
  readonly worstBehindGapMs: number
}

/**
 * Compares when entries were served with when they could have been (promise P9). An entry is late when a look that began
 * PROMPT_MS after it was due did not find it: what a slow look may have missed is no proof. Time in which a machine with
 * too much to do gave this thread, and a receiver on it, no CPU does not count.
 */
export function measurePromptness(
  timeline: Timeline,
  recording: Recording,
  { sightings, lookedAt }: Pick<PlaylistFollower, 'sightings' | 'lookedAt'>,
  cpuWait: Pick<CpuWait, 'during'>,
): Promptness {
  const heeded = heededVersions(timeline.versions, recording)
  const violations: string[] = []
  let worstMs = 0
  let worstBehindGapMs = 0
  let heldUntil = Number.NEGATIVE_INFINITY
  for (const entry of timeline.entries) {
    const life = lifeOf(entry, heeded, recording)
    if (life === undefined) continue
    const { namedAt, readyAt, leftAt } = life
    const dueAt = Math.max(readyAt, heldUntil)
    heldUntil = Math.max(heldUntil, Math.min(readyAt, namedAt + entry.targetDuration * 1_000))
    const isPrompt = (at: number) => at - cpuWait.during(dueAt, at) <= dueAt + PROMPT_MS
    if (readyAt === Number.POSITIVE_INFINITY || isPrompt(leftAt)) continue
    const { seenAt, missingAt } = sightings.get(entry.number) ?? { seenAt: undefined, missingAt: lookedAt }
    worstMs = Math.max(worstMs, (seenAt ?? lookedAt) - dueAt)
    if (dueAt > readyAt) worstBehindGapMs = Math.max(worstBehindGapMs, (seenAt ?? lookedAt) - readyAt)
    if (isPrompt(missingAt)) continue
    const delay = seenAt === undefined ? 'never' : `${Math.round(seenAt - dueAt)} ms after it was due`
    violations.push(`P9: entry ${entry.number} (${entry.segment.body?.name}) was served ${delay}`)
  }
  return { violations, worstMs, worstBehindGapMs }
}

interface Heeded {
  readonly version: ExpectedVersion
  readonly at: number
}

/** The versions that were news when they came: not older than one that had come before them. */
function heededVersions(versions: readonly ExpectedVersion[], recording: Recording): Heeded[] {
  const arrivals = versions.map((version) => recording.sentAt(version.body, undefined) ?? Number.POSITIVE_INFINITY)
  return versions.flatMap((version, index) => {
    const at = arrivals[index] ?? Number.POSITIVE_INFINITY
    const isNews = at < Number.POSITIVE_INFINITY && arrivals.slice(index + 1).every((later) => later >= at)
    return isNews ? [{ version, at }] : []
  })
}

interface Life {
  /** When a playlist first named it, when it was whole besides (Infinity: never), and when a playlist first left it out. */
  readonly namedAt: number
  readonly readyAt: number
  readonly leftAt: number
}

function lifeOf(entry: ExpectedEntry, heeded: readonly Heeded[], recording: Recording): Life | undefined {
  const names = ({ version }: Heeded) => version.firstNumber <= entry.number && entry.number <= version.lastNumber
  const first = heeded.findIndex(names)
  const namedAt = heeded[first]?.at
  if (namedAt === undefined) return undefined
  const wholeAt = ({ body, range }: ExpectedPart) =>
    (body && recording.sentAt(body, range?.end)) ?? Number.POSITIVE_INFINITY
  const readyAt = Math.max(namedAt, wholeAt(entry.segment), entry.map === undefined ? 0 : wholeAt(entry.map))
  const leftAt = heeded.slice(first).find((version) => !names(version))?.at ?? Number.POSITIVE_INFINITY
  return { namedAt, readyAt, leftAt }
}
