import { attributeOf, hasTag, tagValue } from '../playlist/tags.ts'

/** Says in a part of a recording what an entry was uploaded as; players pass it over (RFC 8216bis section 6.3.1). */
const UPLOAD = '#EXT-X-HLS-RECEIVER-UPLOAD'
/** Behind all ids. */
const NEVER = '\uffff'
/** Digits before the extension. */
const NUMBERED = /(\d{1,15})\.[A-Za-z0-9]+$/

/** An entry of a recording that receivers share, with all that holds for it. */
export interface SharedEntry {
  /** What the encoder called its segment. */
  readonly name: string
  /** The number in that name. */
  readonly number: number | undefined
  /** Id of its upload, or of the next one behind a hole: they sort by age. */
  readonly id: string
  readonly duration: string
  readonly range: string
  readonly dateTime: string | undefined
  readonly isGap: boolean
  readonly isDiscontinuity: boolean
  /** The KEY and MAP lines that hold for it. */
  readonly shared: readonly string[]
  /** Its other lines, and its URI. */
  readonly lines: readonly string[]
}

/** What a receiver recorded of a list. */
interface Part {
  readonly version: number
  readonly targetDuration: number
  readonly mediaSequence: number
  readonly entries: readonly SharedEntry[]
}

/** The line that tells what an entry was uploaded as: `id` of the upload, undefined of a hole, and the encoder's name for it. */
export function uploadLine(name: string, id: string | undefined): string {
  return `${UPLOAD}:${id === undefined ? '' : `ID="${id}",`}NAME="${name}"`
}

/** Reads a part as it was written with `uploadLine`. */
export function readPart(text: string): Part {
  const lines = text.split('\n').filter((line) => line !== '')
  const numberOf = (tag: string) => Number(tagValue(lines.find((line) => hasTag(line, tag)) ?? '')) || 0
  return {
    version: numberOf('#EXT-X-VERSION'),
    targetDuration: numberOf('#EXT-X-TARGETDURATION'),
    mediaSequence: numberOf('#EXT-X-MEDIA-SEQUENCE'),
    entries: readEntries(lines.slice(lines.findIndex((line) => hasTag(line, UPLOAD)))),
  }
}

function readEntries(lines: readonly string[]): SharedEntry[] {
  const entries: SharedEntry[] = []
  let block: string[] = []
  let keys: readonly string[] = []
  let maps: readonly string[] = []
  for (const line of lines) {
    if (line.startsWith('#')) {
      block.push(line)
      continue
    }
    const of = (tag: string) => block.filter((each) => hasTag(each, tag))
    const isNone = (each: string) => attributeOf(each, 'METHOD')?.value === 'NONE'
    if (of('#EXT-X-KEY').length > 0) keys = of('#EXT-X-KEY').filter((each) => !isNone(each))
    if (of('#EXT-X-MAP').length > 0) maps = of('#EXT-X-MAP')
    entries.push(readEntry([...block, line], [...keys, ...maps]))
    block = []
  }
  return withIdsOfHoles(entries)
}

function withIdsOfHoles(entries: readonly SharedEntry[]): SharedEntry[] {
  let next = NEVER
  const backwards = entries.toReversed().map((entry) => {
    next = entry.id === '' ? next : entry.id
    return entry.id === '' ? { ...entry, id: next } : entry
  })
  return backwards.toReversed()
}

function readEntry(block: readonly string[], shared: readonly string[]): SharedEntry {
  const find = (tag: string) => block.find((line) => hasTag(line, tag))
  const upload = find(UPLOAD) ?? ''
  const name = attributeOf(upload, 'NAME')?.value ?? ''
  const digits = NUMBERED.exec(name)?.[1]
  const apart = [UPLOAD, '#EXT-X-KEY', '#EXT-X-MAP', '#EXT-X-DISCONTINUITY']
  const dateTime = find('#EXT-X-PROGRAM-DATE-TIME')
  return {
    name,
    number: digits === undefined ? undefined : Number(digits),
    id: attributeOf(upload, 'ID')?.value ?? '',
    duration: tagValue(find('#EXTINF') ?? ''),
    range: tagValue(find('#EXT-X-BYTERANGE') ?? ''),
    dateTime: dateTime === undefined ? undefined : tagValue(dateTime),
    isGap: find('#EXT-X-GAP') !== undefined,
    isDiscontinuity: find('#EXT-X-DISCONTINUITY') !== undefined,
    shared,
    lines: block.filter((line) => !apart.some((tag) => hasTag(line, tag))),
  }
}
