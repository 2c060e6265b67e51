import { plainName, runsOf } from '../archive/runs.ts'
import { parseName } from '../names.ts'
import type { Journal } from '../ports.ts'
import { baseName } from '../upload-path.ts'
import type { SeenPlaylist } from './session-steps.ts'
import type { Session, Take } from './stream-record.ts'

/** Entries of the recording of a playlist: from a number on, and below another. */
export interface TakenPart {
  readonly playlist: string
  readonly from: number
  readonly to: number
}

/** One file of a take: a rendition, or a run of it. */
export interface TakenFile {
  /** Name of the rendition's playlist, without a date-time. */
  readonly rendition: string
  /** In order. */
  readonly parts: readonly TakenPart[]
}

/** The files of a take, the largest rendition first; `isPerRun`: each run is one. What has no entry is left out. */
export function takenFiles(
  journal: Journal,
  app: string,
  { take, session, isPerRun }: { readonly take: Take; readonly session: Session; readonly isPerRun: boolean },
  playlists: readonly SeenPlaylist[],
): TakenFile[] {
  const inOrder = [...playlists].sort((one, other) => one.run.startedAt - other.run.startedAt)
  const renditions = new Map<string, TakenPart[]>()
  for (const playlist of inOrder.filter(({ name }) => isOfHeight(name, take.height))) {
    const rendition = plainName(playlist.name) ?? playlist.name
    renditions.set(rendition, [...(renditions.get(rendition) ?? []), ...partsOf(journal, app, playlist, take, session)])
  }
  const files = [...renditions].flatMap(([rendition, parts]): TakenFile[] =>
    isPerRun ? parts.map((part) => ({ rendition, parts: [part] })) : [{ rendition, parts }],
  )
  return files.filter(({ parts }) => parts.length > 0).sort((one, other) => rank(one) - rank(other))
}

/** Whether a playlist is of a rendition of so many lines; 0 stands for any. */
export function isOfHeight(name: string, height: number): boolean {
  return height === 0 || parseName(baseName(name)).height === height
}

/** The part of a take, cut where runs begin. */
function partsOf(
  journal: Journal,
  app: string,
  { name, next }: SeenPlaylist,
  take: Take,
  session: Session,
): TakenPart[] {
  const from = take.from?.[name] ?? session.playlists[name] ?? 0
  // What came when the take had ended is none of it.
  const to = take.to === undefined ? next : Math.min(next, take.to[name] ?? from)
  return runParts(journal, app, { playlist: name, from, to })
}

/** A part of a recording, cut where runs begin. */
export function runParts(journal: Journal, app: string, { playlist, from, to }: TakenPart): TakenPart[] {
  const begins = runsOf(journal, app, playlist).map(({ number }) => number)
  const cuts = [from, ...begins.filter((number) => number > from && number < to), to]
  return cuts.flatMap((number, index) => {
    const end = cuts[index + 1]
    return end === undefined || end <= number ? [] : [{ playlist, from: number, to: end }]
  })
}

/** What is passed on as it came has no height in its name, and comes first. */
function rank({ rendition }: TakenFile): number {
  const { height, bitrate = 0 } = parseName(baseName(rendition))
  return height === undefined && bitrate === 0 ? Number.NEGATIVE_INFINITY : -(height ?? 0) * 1e7 - bitrate
}
