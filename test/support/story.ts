import { type Alignment, align } from '../../src/core/playlist/align.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { splitLines } from '../../src/core/playlist/scan.ts'
import type { SentSince } from '../../src/core/playlist/starts-over.ts'
import { advance, EMPTY_TIMELINE, isBreak, type Timeline } from '../../src/core/playlist/timeline.ts'

const NAMED_AT = Date.UTC(2026, 10, 22)

/** How a version was taken: `joins` follows with a discontinuity of ours, `suspect` is older but may be a restart. */
export type Taken = 'follows' | 'joins' | 'older' | 'suspect' | 'restarts'

/** A timeline that takes in one version of its playlist after the other; all its entries are bound. */
export class Story {
  timeline: Timeline = EMPTY_TIMELINE
  #ids = 0

  /** Takes in a version; `sent` tells what was uploaded again since the version before it. */
  take(text: string, sent: ReturnType<SentSince> = 'no'): Taken {
    const { parsed, scanned } = readPlaylist(splitLines(text))
    const version = {
      id: String(++this.#ids).padStart(6, '0'),
      entries: scanned.entries,
      dateTimes: parsed.entries.map(({ dateTime }) => dateTime),
      hasEndlist: scanned.hasEndlist,
      targetDuration: parsed.targetDuration ?? 0,
      asked: undefined,
      isContinued: false,
      cameAt: 0,
      discontinuitySequence: parsed.discontinuitySequence,
      mediaSequence: scanned.mediaSequence,
    }
    const alignment = align(this.timeline, version, () => sent)
    if (alignment.kind === 'older') return alignment.isCertain ? 'older' : 'suspect'
    const { entries, ...timeline } = advance(this.timeline, version, alignment, NAMED_AT)
    const bound = (uri: string, number: number) => ({ stored: uri, id: `${version.id} ${number}` })
    const all = entries.map((entry) => ({ ...entry, segment: entry.segment ?? bound(entry.uri, entry.number) }))
    this.timeline = { ...timeline, entries: all }
    return nameOf(alignment)
  }

  /** `NUMBER URI` of each entry, with a `-` in front where a discontinuity stands. */
  get entries(): string[] {
    return this.timeline.entries.map((entry) => `${isBreak(entry) ? '- ' : ''}${entry.number} ${entry.uri}`)
  }
}

function nameOf(alignment: Exclude<Alignment, { kind: 'older' }>): Taken {
  return alignment.kind === 'follows' && alignment.joint !== undefined ? 'joins' : alignment.kind
}
