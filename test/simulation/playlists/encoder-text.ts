import type { Habits } from './habits.ts'
import type { TrueEntry, TrueVersion } from './truth.ts'

/** The tag that tells checkers which entry a line stands for; nobody else knows it, so it is passed on. */
export const ENTRY_TAG = '#EXT-X-SIMULATED:'

/** An entry with what its encoder writes about it. */
export interface WrittenEntry extends TrueEntry {
  readonly uri: string
  /** EXTINF as corrected, in s. */
  corrected: number | undefined
  /** A list named it before its segment was acknowledged. */
  isOvertaken: boolean
  /** `n@o`, of a segment that is part of a file. */
  readonly byteRange: string | undefined
  /** When it begins, in ms since the epoch; some encoders change it when they go on. */
  dateTime: number
}

/** A version of a playlist with its text. */
export interface WrittenVersion extends TrueVersion {
  readonly entries: readonly WrittenEntry[]
  readonly text: string
}

/** What stands above the entries. */
export interface ListHead {
  /** Attributes of EXT-X-MAP and of EXT-X-KEY, where there are such lines. */
  readonly map: string | undefined
  readonly key: string | undefined
  /** When the single file of the run was begun, if there is one. */
  readonly fileSince: number | undefined
}

/** Writes a version as libavformat does (facts of encoders, section 10). */
export function writeVersion(
  habits: Habits,
  run: number,
  entries: readonly WrittenEntry[],
  hasEndlist: boolean,
  head: ListHead,
): WrittenVersion {
  const target = Math.max(1, ...entries.map(({ duration }) => Math.round(duration)))
  const [first] = entries
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${head.map === undefined ? 3 : 7}`,
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.number ?? 0}`,
    ...(habits.type === 'live' ? [] : [`#EXT-X-PLAYLIST-TYPE:${habits.type.toUpperCase()}`]),
    ...(head.key === undefined ? [] : [`#EXT-X-KEY:${head.key}`]),
    ...(head.map === undefined ? [] : [`#EXT-X-MAP:${head.map}`]),
    ...entries.flatMap((entry) => linesOf(entry, habits.hasDates)),
    ...(hasEndlist ? ['#EXT-X-ENDLIST'] : []),
  ]
  return {
    run,
    entries,
    hasEndlist,
    hasDates: habits.hasDates,
    targetDuration: target * 1000,
    fileSince: head.fileSince,
    text: `${lines.join('\n')}\n`,
  }
}

function linesOf(entry: WrittenEntry, hasDates: boolean): string[] {
  return [
    ...(entry.isDiscontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    `#EXTINF:${(entry.corrected ?? entry.duration).toFixed(6)},`,
    ...(entry.byteRange === undefined ? [] : [`#EXT-X-BYTERANGE:${entry.byteRange}`]),
    ...(hasDates ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(entry.dateTime).toISOString().replace('Z', '+0000')}`] : []),
    `${ENTRY_TAG}${entry.id}`,
    entry.uri,
  ]
}
