import { isServedEnded, type MediaRecord, type PlaylistRecord } from '../playlist-record.ts'
import type { Clock, Journal } from '../ports.ts'
import { keys, readJson, type StoredObject } from '../records.ts'
import { baseName } from '../upload-path.ts'
import { nameKind } from './name-kind.ts'
import { playlistsOf, streamsAlike } from './other-playlists.ts'
import { isNamedAfter, type StreamFiles } from './upload-watch.ts'

/** A stream as its playlists show it. */
export interface ShownStream extends StreamFiles {
  /** Its playlists, those that lead to others first. */
  readonly playlists: readonly string[]
  /** None of its media playlists may go on. */
  readonly hasEnded: boolean
  /** How long the longest window of a live list plays, in ms; lists that keep everything count nothing. */
  readonly windowMs: number
  /** Id of its newest version. */
  readonly lastId: string
}

/** What a stream is read from. */
export interface EndedStreamsParts {
  readonly clock: Clock
  readonly journal: Journal
  record(app: string, name: string): PlaylistRecord | undefined
}

/** What its playlists show of a stream, given with its folder; `longer` are the streams that were found to be called alike. */
export function shownStream(
  { journal, record }: EndedStreamsParts,
  app: string,
  stream: string,
  longer: readonly string[],
): ShownStream {
  const all = playlistsOf(journal, app, stream).flatMap((name) => {
    const found = record(app, name)
    return found === undefined ? [] : [{ name, record: found }]
  })
  const media = all.flatMap((each) => (each.record.kind === 'media' ? [each.record] : []))
  const leading = all.filter((each) => each.record.kind === 'multivariant')
  const others = all.filter((each) => each.record.kind === 'media')
  return {
    ...{ app, stream, longer },
    kinds: kindsOf(journal, app, stream, media),
    owners: [...new Set(all.map((each) => each.record.owner))],
    playlists: [...leading, ...others].map(({ name }) => name),
    // One of which nothing is served has nothing that could go on.
    hasEnded: media.every((each) => each.served === undefined || isServedEnded(each)),
    windowMs: playsMs(media),
    lastId: media.reduce((last, { timeline }) => (timeline.acceptedId > last ? timeline.acceptedId : last), ''),
  }
}

/** Streams whose names go on behind this one's, known by their playlists. */
export async function longerStreams(
  { clock, journal }: EndedStreamsParts,
  app: string,
  stream: string,
): Promise<string[]> {
  const alike = await streamsAlike(clock, journal, app, stream)
  return alike.filter((other) => other.length > baseName(stream).length)
}

/** What playlists lead to that is not called after their stream, by the names of its uploads: `kinds` of StreamFiles. */
export function kindsOf(journal: Journal, app: string, stream: string, media: readonly MediaRecord[]): Set<string> {
  const entries = media.flatMap(({ timeline }) => timeline.entries)
  // Those of one kind were uploaded as one kind: one of them tells.
  const segments = new Map(
    entries.flatMap(({ segment }) => (segment ? [[nameKind(segment.stored), segment.stored]] : [])),
  )
  const shared = new Set(entries.flatMap((each) => each.shared.flatMap(({ bound }) => bound?.stored ?? [])))
  const namesOf = (all: Iterable<string>) => {
    const names = [...all].flatMap((stored) => readJson<StoredObject>(journal, keys.object(app, stored))?.name ?? [])
    return names.filter((name) => !isNamedAfter(stream, name))
  }
  return new Set([...namesOf(segments.values()).map(nameKind), ...namesOf(shared)])
}

/** How long the longest window of live lists plays, in ms; lists that keep everything count nothing. */
export function playsMs(media: readonly MediaRecord[]): number {
  const secondsOf = ({ isGrowing, timeline }: MediaRecord) =>
    isGrowing ? 0 : timeline.entries.reduce((sum, { identity }) => sum + (Number.parseFloat(identity) || 0), 0)
  return Math.max(0, ...media.map((each) => 1_000 * secondsOf(each)))
}
