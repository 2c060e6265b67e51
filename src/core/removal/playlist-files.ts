import { streamOf } from '../archive/run-dates.ts'
import { baseName } from '../upload-path.ts'
import { type EndedStreamsParts, kindsOf, playsMs, shownStream } from './ended-streams.ts'
import { playlistsOf } from './other-playlists.ts'
import type { StreamFiles } from './upload-watch.ts'

/** The files of a playlist. */
export interface PlaylistFiles extends StreamFiles {
  /** How long the window of its live list plays, in ms; one that keeps everything counts nothing. */
  readonly windowMs: number
}

/**
 * What belongs to a playlist: what is called after it, and what it leads to; all of its stream where it is the last one of it. `longer` are
 * the streams that were found to be called alike.
 */
export function playlistFiles(
  parts: EndedStreamsParts,
  { app, name }: { readonly app: string; readonly name: string },
  longer: readonly string[],
): PlaylistFiles {
  const stream = streamOf(name)
  const others = playlistsOf(parts.journal, app, stream).filter((each) => each !== name)
  if (others.length === 0) return shownStream(parts, app, stream, longer)
  const own = stemOf(name)
  const record = parts.record(app, name)
  const media = record?.kind === 'media' ? [record] : []
  // `cam` is not led astray by the segments of `cam_720p`, nor that by those of `cam`, which are not called after it.
  const alike = others.map((each) => baseName(stemOf(each))).filter((each) => !baseName(own).startsWith(each))
  return {
    ...{ app, stream: own, longer: [...longer, ...alike] },
    kinds: kindsOf(parts.journal, app, own, media),
    owners: record === undefined ? [] : [record.owner],
    windowMs: playsMs(media),
  }
}

function stemOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'))
}
