import { datedBegun } from '../archive/dated.ts'
import { parseName } from '../names.ts'
import { hasTag } from '../playlist/tags.ts'
import type { ReadUpload } from '../playlist-reading.ts'
import type { MultivariantRecord } from '../playlist-record.ts'
import type { Journal } from '../ports.ts'
import { jsonWrite, keys } from '../records.ts'
import { baseName } from '../upload-path.ts'
import type { FoundObject } from './found-object.ts'

const NOTHING = new Uint8Array(0)
/** As a receiver begins the variants of those that it makes; encoders do not. */
const MADE = /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+(?:,|$)/
/** The tags that they have. */
const MADE_TAGS = ['#EXTM3U', '#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-STREAM-INF']

/** Takes up a multivariant playlist of a store as if it had been uploaded; it is served when the receiver recovers. */
export async function takeUpVariants(journal: Journal, list: FoundObject, { head, tail }: ReadUpload): Promise<void> {
  const { app, name, modifiedAt } = list
  const record: MultivariantRecord = { kind: 'multivariant', owner: '', head: head + tail, tail: '', missing: [] }
  await journal.commit([
    ...datedBegun(list, modifiedAt),
    { key: keys.written(app, name), value: NOTHING },
    jsonWrite(keys.playlist(app, name), record),
    { key: keys.waiting(app, name), value: NOTHING },
  ])
}

/** Whether a multivariant playlist was made by a receiver: it is made again of what is taken up. */
export function wasMade(name: string, { scanned }: ReadUpload): boolean {
  const tags = scanned.lines.filter((line) => line.startsWith('#'))
  const isKnown = (line: string) => MADE_TAGS.some((tag) => hasTag(line, tag))
  const isVariant = (line: string) => hasTag(line, '#EXT-X-STREAM-INF')
  return (
    parseName(baseName(name)).role === 'adaptive' &&
    tags.every(isKnown) &&
    tags.filter(isVariant).every((line) => MADE.test(line))
  )
}
