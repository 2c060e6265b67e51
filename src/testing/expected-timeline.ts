import { encoderNameOf, isPlaylistBody, type RecordedBody, servedNameOf } from './recording.ts'
import { readServed, type ServedEntry, type ServedPlaylist, type ServedRange } from './served-playlist.ts'

/** A body, or a part of it, that an entry stands for. */
export interface ExpectedPart {
  /** Undefined: the encoder never sent it. */
  readonly body: RecordedBody | undefined
  readonly range: ServedRange | undefined
}

/** An entry that an honest receiver serves, each segment of the encoder once. */
export interface ExpectedEntry {
  /** Its media sequence number at the origin. */
  readonly number: number
  /** Seconds. */
  readonly duration: number
  readonly segment: ExpectedPart
  readonly map: ExpectedPart | undefined
  /** Seconds: the highest target duration that had been written when it was first named. */
  readonly targetDuration: number
  /** Whether the encoder had started over: it needs EXT-X-DISCONTINUITY. */
  readonly beginsRun: boolean
}

/** One version of a playlist as the encoder sent it, in the numbers of the origin. */
export interface ExpectedVersion {
  readonly body: RecordedBody
  readonly playlist: ServedPlaylist
  readonly firstNumber: number
  readonly lastNumber: number
  /** Whether the encoder started over with it, and did not go on. */
  readonly beginsRun: boolean
}

/** All that one media playlist ever named. */
export interface Timeline {
  /** In the order of sending. */
  readonly versions: readonly ExpectedVersion[]
  readonly entries: readonly ExpectedEntry[]
}

/**
 * What an honest receiver serves of a media playlist, worked out from the encoder's own versions in the order in which it
 * sent them. A version that starts over begins a new run, whose entries follow on those of the run before.
 */
export function expectedTimeline(bodies: readonly RecordedBody[], playlistName: string): Timeline {
  const versions = versionsOf(bodies, playlistName)
  const entries = new Map<number, ExpectedEntry>()
  let targetDuration = 0
  let runBeganAt = Number.NEGATIVE_INFINITY
  versions.forEach((version, at) => {
    targetDuration = Math.max(targetDuration, version.playlist.targetDuration)
    if (version.beginsRun) runBeganAt = versions[at - 1]?.body.wholeAt ?? runBeganAt
    const partOf = (uri: string, range: ServedRange | undefined): ExpectedPart => {
      return { range, body: nearestBody(bodiesOf(bodies, uri, playlistName, range), version.body, runBeganAt) }
    }
    version.playlist.entries.forEach((entry, index) => {
      const number = version.firstNumber + index
      const beginsRun = version.beginsRun && index === 0
      if (!entries.has(number))
        entries.set(number, { number, targetDuration, beginsRun, ...expectedParts(entry, partOf) })
    })
  })
  return { versions, entries: [...entries.values()] }
}

function expectedParts(
  { uri, duration, range, map }: ServedEntry,
  partOf: (uri: string, range: ServedRange | undefined) => ExpectedPart,
): Pick<ExpectedEntry, 'duration' | 'segment' | 'map'> {
  return { duration, segment: partOf(uri, range), map: map === undefined ? undefined : partOf(map.uri, map.range) }
}

function versionsOf(bodies: readonly RecordedBody[], playlistName: string): ExpectedVersion[] {
  const versions: ExpectedVersion[] = []
  for (const body of bodies) {
    if (body.wholeAt === undefined || !isPlaylistBody(body.bytes) || servedNameOf(body.name) !== playlistName) continue
    const playlist = readServed(new TextDecoder().decode(body.bytes))
    if (playlist.kind === 'multivariant') continue
    const before = versions.at(-1)
    const beginsRun = before !== undefined && startsOver(before.playlist, playlist)
    const offset = before === undefined ? 0 : before.firstNumber - before.playlist.mediaSequence
    const firstNumber = beginsRun ? before.lastNumber + 1 : playlist.mediaSequence + offset
    versions.push({ body, playlist, beginsRun, firstNumber, lastNumber: firstNumber + playlist.entries.length - 1 })
  }
  return versions
}

/** Numbers that went back, that follow on nothing, or that now stand for another name. */
function startsOver(before: ServedPlaylist, next: ServedPlaylist): boolean {
  const endBefore = before.mediaSequence + before.entries.length
  if (next.mediaSequence < before.mediaSequence || next.mediaSequence > endBefore) return true
  if (next.mediaSequence + next.entries.length < endBefore) return true
  return next.entries.some((entry) => {
    const old = before.entries[entry.number - before.mediaSequence]
    return old !== undefined && old.uri !== entry.uri
  })
}

/** The bodies that a URI in a playlist may stand for: those of that path, or else those of that name in any folder. */
function bodiesOf(
  bodies: readonly RecordedBody[],
  uri: string,
  playlistName: string,
  range: ServedRange | undefined,
): RecordedBody[] {
  const name = encoderNameOf(uri)
  const folder = playlistName.slice(0, playlistName.lastIndexOf('/') + 1)
  const usable = bodies.filter(
    ({ bytes, wholeAt }) =>
      bytes.length > 0 && (wholeAt !== undefined || (range !== undefined && bytes.length >= range.end)),
  )
  const exact = usable.filter((body) => body.name === folder + name || body.name === name)
  return exact.length > 0 ? exact : usable.filter((body) => body.name.endsWith(`/${name}`))
}

/** The one sent nearest before a playlist in the same run, else the first one after it. */
function nearestBody(
  candidates: readonly RecordedBody[],
  playlist: RecordedBody,
  runBeganAt: number,
): RecordedBody | undefined {
  const ended = (body: RecordedBody) => body.wholeAt ?? Number.POSITIVE_INFINITY
  const inRun = candidates.filter((body) => ended(body) > runBeganAt).sort((one, other) => ended(one) - ended(other))
  return inRun.findLast((body) => ended(body) <= ended(playlist)) ?? inRun.find((body) => ended(body) > ended(playlist))
}
