import fc from 'fast-check'
import type { NameParts } from '../../src/core/names.ts'

/** Stream ids that the grammar does not read as anything else: words joined by `-`, `_` or `.`, with at most 4 digits. */
export const streamId = fc
  .tuple(
    fc.constantFrom('cam', 'stream', 'live_stream', 'my-show', 'Studio.B', 'teststream', 'a', 'élan', 'x y'),
    fc.constantFrom('', '1', '2', '12', '7', '2000', '10', 'b', '-north', '_low', '.3'),
  )
  .map(([word, tail]) => word + tail)

const dateTime = fc
  .record({
    time: fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true }),
    withMillis: fc.boolean(),
  })
  .map(({ time, withMillis }) => {
    const text = time.toISOString().replace('T', '_').replace('Z', '').replaceAll(':', '-')
    return withMillis ? text : text.slice(0, -4)
  })

const rendition = fc.oneof(
  fc.constant({}),
  fc.record({ height: fc.integer({ min: 1, max: 99_999 }) }),
  fc.record({ bitrate: fc.integer({ min: 1, max: 9_999_999 }) }),
  fc.record({ height: fc.integer({ min: 1, max: 99_999 }), bitrate: fc.integer({ min: 1, max: 9_999_999 }) }),
)

const head = fc
  .tuple(streamId, fc.option(dateTime, { nil: undefined }), rendition)
  .map(([stream, date, size]) => ({ stream, ...(date === undefined ? {} : { dateTime: date }), ...size }))

const segmentExtension = fc.constantFrom('ts', 'm4s', 'fmp4', 'mp4', 'aac', 'vtt', 'm4v', 'm4a')

/** A number as an encoder writes it: nine digits, four digits, or as many as it takes. */
export const segmentNumber = fc.oneof(
  fc.nat(99_999_999).map((number) => String(number).padStart(9, '0')),
  fc.nat(999).map((number) => String(number).padStart(4, '0')),
  fc.nat(9_999).map(String),
)

/** Whether the digits of a number can be told from the stream id that they stand behind. */
function isPlain(stream: string, number: string): boolean {
  return number.length === 9 || number.length === 4 ? number.startsWith('0') : !/\d$/.test(stream)
}

const segment = fc
  .tuple(head, fc.option(segmentNumber, { nil: undefined }), segmentExtension)
  .map(([before, number, extension]): NameParts => {
    const isApart = 'height' in before || 'bitrate' in before || 'dateTime' in before
    if (number === undefined || !(isApart || isPlain(before.stream, number))) {
      return isApart || !/\d$/.test(before.stream)
        ? { ...before, extension }
        : { ...before, number: '000000001', extension }
    }
    return { ...before, number, extension }
  })

const playlist = head.map((before): NameParts => ({ ...before, extension: 'm3u8' }))
const adaptive = head.map((before): NameParts => ({ ...before, role: 'adaptive', extension: 'm3u8' }))
const init = fc
  .tuple(head, fc.option(fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }), { nil: undefined }))
  .map(([before, millis]): NameParts => {
    const initMillis = millis === undefined ? {} : { initMillis: String(millis) }
    return { ...before, ...initMillis, role: 'init', extension: 'mp4' }
  })

/** Parts of names that can be read in one way only. */
export const nameParts = fc.oneof(segment, playlist, adaptive, init)

/** Any file of a stream, also where its number cannot be told from the digits of the stream id. */
export const fileOfStream = fc
  .tuple(nameParts, fc.option(segmentNumber, { nil: undefined }))
  .map(([parts, number]): NameParts => {
    const isSegment = parts.role === undefined && parts.extension !== 'm3u8'
    return isSegment && number !== undefined ? { ...parts, number } : parts
  })
