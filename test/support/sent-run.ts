import { mediaList, type Trial } from './trial.ts'

/** A life of an encoder whose list slides. */
export interface SentRun {
  readonly list: string
  /** What its segments are called before their numbers, and how they end. */
  readonly prefix: string
  readonly extension?: string
  readonly count: number
  /** Number of its first segment. */
  readonly first?: number
  /** Entries of its list. */
  readonly window?: number
  /** What its bytes have besides their names. */
  readonly mark?: string
  /** An init section that it begins with, and a key for every so many segments. */
  readonly init?: string
  readonly keyEvery?: number
  /** Each entry has the time at which its segment began, by the clock. */
  readonly isDated?: boolean
  /** Segments that never come, by how many came before. */
  readonly holes?: readonly number[]
  readonly isEnded?: boolean
}

const SEGMENT_MS = 2_000

/** Sends a segment every two seconds, each with its list, from the first entry of a run on, or behind `sent` of them. */
export async function sendRun(trial: Trial, run: SentRun, sent = 0): Promise<void> {
  const { list, count, window = 3, mark = '', init, isEnded = false, holes = [], first = 1 } = run
  const folder = list.slice(0, list.lastIndexOf('/') + 1)
  const entries: string[][] = []
  const began = trial.clock.now() - sent * SEGMENT_MS
  for (let index = 0; index < count; index++) entries.push(entryOf(run, index, began))
  if (init !== undefined && sent === 0) await trial.put(folder + init, `${init}${mark}`)
  for (let index = sent; index < count; index++) {
    await trial.clock.advance(SEGMENT_MS)
    const key = keyOf(run, index)
    if (key !== undefined && keyOf(run, index - 1) !== key) await trial.put(folder + key, `${key}${mark}`)
    if (!holes.includes(index)) await trial.put(folder + segmentName(run, index), segmentName(run, index) + mark)
    const from = Math.max(0, index + 1 - window)
    const foot = isEnded && index === count - 1 ? ['#EXT-X-ENDLIST'] : []
    const shared = [...(init === undefined ? [] : [`#EXT-X-MAP:URI="${init}"`]), ...keyLine(keyOf(run, from))]
    const shown = entries.slice(from, index + 1).map((lines, at) => {
      const isNewKey = at > 0 && keyOf(run, from + at) !== keyOf(run, from + at - 1)
      return [...(at === 0 ? shared : isNewKey ? keyLine(keyOf(run, from + at)) : []), ...lines]
    })
    await trial.put(list, mediaList(first + from, shown.flat(), ...foot))
  }
  if (holes.length > 0) await trial.clock.advance(5_000)
}

/** The name of the segment that `index` others came before. */
export function segmentName({ prefix, extension = 'ts', first = 1 }: SentRun, index: number): string {
  return `${prefix}${String(first + index).padStart(9, '0')}.${extension}`
}

function entryOf(run: SentRun, index: number, began: number): string[] {
  const date = new Date(began + index * SEGMENT_MS).toISOString()
  return [...(run.isDated === true ? [`#EXT-X-PROGRAM-DATE-TIME:${date}`] : []), segmentName(run, index)]
}

function keyOf({ prefix, keyEvery }: SentRun, index: number): string | undefined {
  return keyEvery === undefined ? undefined : `${prefix}${Math.floor(index / keyEvery)}.key`
}

function keyLine(key: string | undefined): string[] {
  return key === undefined ? [] : [`#EXT-X-KEY:METHOD=AES-128,URI="${key}"`]
}
