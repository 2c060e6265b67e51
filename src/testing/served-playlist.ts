/** Bytes of a body: `start` is the first, `end` the first one after them. */
export interface ServedRange {
  readonly start: number
  readonly end: number
}

/** The media initialization section of an entry. */
export interface ServedMap {
  readonly uri: string
  readonly range?: ServedRange
}

/** One media segment as a served playlist names it. */
export interface ServedEntry {
  /** Its media sequence number. */
  readonly number: number
  readonly uri: string
  /** Seconds. */
  readonly duration: number
  /** The bytes that EXT-X-BYTERANGE names, with an implicit offset worked out. */
  readonly range?: ServedRange
  readonly isGap: boolean
  /** Whether EXT-X-DISCONTINUITY stands before it. */
  readonly isDiscontinuity: boolean
  readonly map?: ServedMap
  readonly keyUri?: string
}

/** What a viewer reads in a playlist (RFC 8216bis section 4). */
export interface ServedPlaylist {
  readonly kind: 'media' | 'multivariant'
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  /** Seconds; 0 where the tag is missing. */
  readonly targetDuration: number
  readonly hasEndlist: boolean
  readonly entries: readonly ServedEntry[]
  /** URIs of variants, of renditions and of I-frame playlists. */
  readonly variants: readonly string[]
}

type Draft = { -readonly [Key in keyof ServedEntry]: ServedEntry[Key] }

/** Reads a playlist for checking, with nothing taken from the code that wrote it. Unknown lines are passed over. */
export function readServed(text: string): ServedPlaylist {
  const lines = text.split(/\r?\n/)
  const number = (tag: string) => Number(lines.find((line) => line.startsWith(`${tag}:`))?.slice(tag.length + 1) ?? 0)
  const isMultivariant = lines.some((line) => /^#EXT-X-(STREAM-INF|I-FRAME-STREAM-INF|MEDIA):/.test(line))
  const mediaSequence = number('#EXT-X-MEDIA-SEQUENCE')
  return {
    kind: isMultivariant ? 'multivariant' : 'media',
    mediaSequence,
    discontinuitySequence: number('#EXT-X-DISCONTINUITY-SEQUENCE'),
    targetDuration: number('#EXT-X-TARGETDURATION'),
    hasEndlist: lines.includes('#EXT-X-ENDLIST'),
    entries: isMultivariant ? [] : readEntries(lines, mediaSequence),
    variants: isMultivariant ? lines.flatMap(variantOf) : [],
  }
}

function readEntries(lines: readonly string[], mediaSequence: number): ServedEntry[] {
  const entries: ServedEntry[] = []
  let next: Partial<Draft> = {}
  let map: ServedMap | undefined
  let keyUri: string | undefined
  for (const line of lines) {
    const value = line.slice(line.indexOf(':') + 1)
    if (line.startsWith('#EXTINF:')) next.duration = Number.parseFloat(value)
    else if (line.startsWith('#EXT-X-BYTERANGE:')) next.range = rangeOf(value, entries.at(-1)?.range?.end)
    else if (line === '#EXT-X-GAP') next.isGap = true
    else if (line === '#EXT-X-DISCONTINUITY') next.isDiscontinuity = true
    else if (line.startsWith('#EXT-X-MAP:')) map = mapOf(value)
    else if (line.startsWith('#EXT-X-KEY:')) keyUri = attribute(value, 'URI')
    else if (line !== '' && !line.startsWith('#')) {
      entries.push({
        number: mediaSequence + entries.length,
        uri: line,
        duration: 0,
        isGap: false,
        isDiscontinuity: false,
        ...next,
        ...(map === undefined ? {} : { map }),
        ...(keyUri === undefined ? {} : { keyUri }),
      })
      next = {}
    }
  }
  return entries
}

function variantOf(line: string): string[] {
  if (/^#EXT-X-(MEDIA|I-FRAME-STREAM-INF):/.test(line)) return [attribute(line, 'URI') ?? []].flat()
  return line === '' || line.startsWith('#') ? [] : [line]
}

function mapOf(value: string): ServedMap {
  const range = attribute(value, 'BYTERANGE')
  return { uri: attribute(value, 'URI') ?? '', ...(range === undefined ? {} : { range: rangeOf(range, 0) }) }
}

/** `n@o`, or `n` alone: then the bytes after those of the entry before. */
function rangeOf(value: string, follows = 0): ServedRange {
  const [length = '0', offset] = value.split('@')
  const start = offset === undefined ? follows : Number(offset)
  return { start, end: start + Number(length) }
}

function attribute(value: string, name: string): string | undefined {
  return new RegExp(`(?:^|[:,])${name}="([^"]*)"`).exec(value)?.[1]
}
