import { expect, test } from 'vitest'
import { mergedRecording } from '../../src/core/sharing/merged-recording.ts'
import { uploadLine } from '../../src/core/sharing/shared-entry.ts'
import { readServed } from '../../src/testing/served-playlist.ts'

interface Sent {
  /** Number in the encoder's name. */
  readonly number: number
  /** Id of its upload; undefined: a hole. */
  readonly id?: string
  readonly before?: readonly string[]
  readonly dateTime?: string
}

function part(entries: readonly Sent[], targetDuration = 2): string {
  const head = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${targetDuration}`, '#EXT-X-MEDIA-SEQUENCE:5']
  const body = entries.flatMap(({ number, id, before = [], dateTime }) => [
    uploadLine(`cam${number}.ts`, id),
    ...before,
    ...(dateTime === undefined ? [] : [`#EXT-X-PROGRAM-DATE-TIME:${dateTime}`]),
    '#EXTINF:2.000000,',
    ...(id === undefined ? ['#EXT-X-GAP'] : []),
    id === undefined ? `cam${number}.ts` : `cam${number}-${id}.ts`,
  ])
  return [...head, ...body, '#EXT-X-ENDLIST', ''].join('\n')
}

/** Each entry's URI, with `-` for a discontinuity and `?` for a hole. */
function shown(...parts: readonly string[]): string[] {
  const { entries } = readServed(mergedRecording(parts))
  return entries.map(({ uri, isGap, isDiscontinuity }) => `${isDiscontinuity ? '- ' : ''}${isGap ? '? ' : ''}${uri}`)
}

test('P5: parts follow each other with a discontinuity, and are one VOD playlist', () => {
  const text = mergedRecording([part([{ number: 1, id: 'a' }]), part([{ number: 2, id: 'b' }], 4)])
  expect(shown(part([{ number: 1, id: 'a' }]), part([{ number: 2, id: 'b' }]))).toEqual(['cam1-a.ts', '- cam2-b.ts'])
  const { targetDuration, mediaSequence, hasEndlist } = readServed(text)
  expect([targetDuration, mediaSequence, hasEndlist]).toEqual([4, 5, true])
  expect(text).not.toContain('UPLOAD')
})

test('P5: what one receiver had while the other had it again stands where it was sent', () => {
  const a = part([
    { number: 1, id: 'a' },
    { number: 4, id: 'd' },
  ])
  const b = part([
    { number: 2, id: 'b' },
    { number: 3, id: 'c' },
  ])
  expect(shown(a, b)).toEqual(['cam1-a.ts', '- cam2-b.ts', 'cam3-c.ts', '- cam4-d.ts'])
})

test('P5: an encoder that starts over with the next receiver is behind, though its numbers are lower', () => {
  expect(shown(part([{ number: 7, id: 'a' }]), part([{ number: 1, id: 'b' }]))).toEqual(['cam7-a.ts', '- cam1-b.ts'])
})

test('P5: a clock that is behind does not put a later segment first', () => {
  expect(shown(part([{ number: 1, id: 'b' }]), part([{ number: 2, id: 'a' }]))).toEqual(['cam1-b.ts', '- cam2-a.ts'])
})

test('P5: what was sent to the receiver before is no hole at the next; what nobody has is one, once', () => {
  const a = part([{ number: 1, id: 'a' }, { number: 2 }])
  const b = part([{ number: 1 }, { number: 2 }, { number: 3, id: 'c' }])
  expect(shown(a, b)).toEqual(['cam1-a.ts', '? cam2.ts', '- cam3-c.ts'])
})

test('P5: a hole of another time is not filled by a segment of the same name', () => {
  const [early, late] = ['2026-11-28T05:00:00.000Z', '2026-11-28T06:00:00.000Z']
  const a = part([{ number: 1, id: 'a', dateTime: early }])
  const b = part([
    { number: 1, dateTime: late },
    { number: 2, id: 'b' },
  ])
  expect(shown(a, b)).toEqual(['cam1-a.ts', '- ? cam1.ts', 'cam2-b.ts'])
})

test('each entry keeps its own MAP and KEY, also between those of another part; a key that it does not have ends', () => {
  const key = '#EXT-X-KEY:METHOD=AES-128,URI="k.key",IV=0x01'
  const map = (name: string) => `#EXT-X-MAP:URI="${name}.mp4"`
  const a = part([
    { number: 1, id: 'a', before: [key, map('one')] },
    { number: 3, id: 'c' },
  ])
  const b = part([{ number: 2, id: 'b', before: [map('two')] }])
  const { entries } = readServed(mergedRecording([a, b]))
  expect(entries.map(({ keyUri, map: init }) => [keyUri, init?.uri])).toEqual([
    ['k.key', 'one.mp4'],
    [undefined, 'two.mp4'],
    ['k.key', 'one.mp4'],
  ])
})

test('P5: what a receiver had not written down when it was lost is a hole, not nothing', () => {
  const a = part([
    { number: 8, id: 'a' },
    { number: 9, id: 'b' },
  ])
  expect(shown(a, part([{ number: 12, id: 'c' }]))).toEqual([
    'cam8-a.ts',
    'cam9-b.ts',
    '? cam10.ts',
    '? cam11.ts',
    '- cam12-c.ts',
  ])
  // An encoder that names its segments by the time leaves numbers out.
  const timed = part([
    { number: 8, id: 'a' },
    { number: 10, id: 'b' },
  ])
  expect(shown(timed, part([{ number: 14, id: 'c' }]))).toHaveLength(3)
})

test('P5: a hole of a run is not filled by the run before, though that used the name', () => {
  const run = (ids: string, more: readonly Sent[] = []) => part([{ number: 1, id: `${ids}1` }, ...more])
  const a = run('a', [
    { number: 2, id: 'a2' },
    { number: 3, id: 'a3' },
  ])
  const b = run('b', [{ number: 2 }, { number: 3, id: 'b3' }])
  expect(shown(a, b)).toEqual(['cam1-a1.ts', 'cam2-a2.ts', 'cam3-a3.ts', '- cam1-b1.ts', '? cam2.ts', 'cam3-b3.ts'])
})

test('P5: a segment that was sent to both is there once, where its time proves it', () => {
  const dateTime = '2026-11-28T05:00:00.000Z'
  const [a, b] = [part([{ number: 1, id: 'a', dateTime }]), part([{ number: 1, id: 'b', dateTime }])]
  expect(shown(a, b)).toEqual(['cam1-a.ts'])
})
