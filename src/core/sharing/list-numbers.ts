import { hasTag, tagValue } from '../playlist/tags.ts'

/** The media sequence numbers of a media playlist, and its target duration in s. */
export interface ListNumbers {
  readonly first: number
  /** That behind the last entry's. */
  readonly end: number
  readonly targetDuration?: number
}

/** Reads what others must not go below; numbers that are not there are 0. */
export function numbersOf(text: string): ListNumbers {
  const lines = text.split('\n')
  const numberIn = (tag: string) => {
    const line = lines.find((each) => hasTag(each, tag))
    return line === undefined ? 0 : Number.parseInt(tagValue(line), 10) || 0
  }
  const first = numberIn('#EXT-X-MEDIA-SEQUENCE')
  const count = lines.filter((line) => hasTag(line, '#EXTINF')).length
  return { first, end: first + count, targetDuration: numberIn('#EXT-X-TARGETDURATION') }
}
