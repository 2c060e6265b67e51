import { ByteReader } from '../containers/byte-reader.ts'
import { extensionOf } from '../file-kind.ts'
import type { BodyContent } from '../ports.ts'
import { fragmentedMp4Duration } from './fragmented-mp4.ts'
import { transportStreamDuration } from './transport-stream.ts'

/**
 * How long a segment plays, in s, by the time stamps in it; undefined when it has none that can be read. Reads all of it once,
 * and holds no more than a box of it.
 */
export async function segmentDuration(
  name: string,
  segment: BodyContent,
  init: BodyContent | undefined,
): Promise<number | undefined> {
  const extension = extensionOf(name)
  if (extension === 'ts') return withReader(segment, transportStreamDuration)
  if (init === undefined) return undefined
  return withReader(init, (head) => withReader(segment, (body) => fragmentedMp4Duration(head, body)))
}

async function withReader<T>(content: BodyContent, read: (reader: ByteReader) => Promise<T>): Promise<T> {
  const reader = new ByteReader(content.stream())
  try {
    return await read(reader)
  } finally {
    await reader.close()
  }
}
