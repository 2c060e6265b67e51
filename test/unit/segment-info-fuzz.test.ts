import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { segmentInfo } from '../../src/core/codecs/segment-info.ts'
import type { StreamInfo } from '../../src/core/codecs/stream-info.ts'
import { MAX_CODEC_BYTES, MAX_FRAME_RATE, MAX_PICTURE_SIDE } from '../../src/core/limits.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import { captures } from '../support/captures.ts'

const CODEC = /^[A-Za-z0-9.-]{3,60}$/

/** The first body that was pushed under such a name, from each recorded push that has one. */
const bodies = (name: RegExp) =>
  captures.flatMap(
    ({ requests }) => requests.find(({ target, body }) => name.test(target) && body.length > 0)?.body ?? [],
  )
const segments = bodies(/\.ts$/)
const fragments = bodies(/\d\.m4s$/)
const inits = bodies(/init.*\.mp4$/)

const whole = (bytes: Uint8Array) => ({ content: contentOf(bytes), range: undefined })
const tell = (name: string, bytes: Uint8Array, init?: Uint8Array) =>
  segmentInfo(name, whole(bytes), init && whole(init))

function expectPlain({ codecs, size, frameRate = 1 }: StreamInfo): void {
  for (const codec of codecs) expect(codec).toMatch(CODEC)
  for (const side of [size?.width ?? 1, size?.height ?? 1]) {
    expect(Number.isInteger(side) && side > 0 && side <= MAX_PICTURE_SIDE).toBe(true)
  }
  expect(frameRate > 0 && frameRate <= MAX_FRAME_RATE).toBe(true)
}

/** A body that is cut, and some of whose first bytes are others. */
const spoiled = (all: readonly Uint8Array[]) =>
  fc
    .tuple(
      fc.constantFrom(...all),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 8 }),
    )
    .map(([bytes, kept, changes]) => {
      const copy = Uint8Array.from(bytes.subarray(0, Math.ceil(bytes.length * Math.sqrt(kept))))
      const within = Math.min(copy.length, 3_000)
      for (const [at, byte] of changes) copy[Math.floor(at * within)] = byte
      return copy
    })

test('there is something to spoil', () => {
  for (const all of [segments, fragments, inits]) expect(all.length).toBeGreaterThan(2)
})

test('what recorded encoders pushed is told, unless it is encrypted, or has no pictures yet', async () => {
  const told = await Promise.all(segments.map((bytes) => tell('a.ts', bytes)))
  const plain = segments.filter((bytes) => bytes[0] === 0x47 && bytes.length > 1_000)
  expect(told.filter(({ codecs }) => codecs.length > 0)).toHaveLength(plain.length)
})

describe('P6: hostile bytes tell nothing, or something that can be written down', () => {
  test('in an MPEG-TS segment', () =>
    fc.assert(
      fc.asyncProperty(spoiled(segments), async (bytes) => expectPlain(await tell('a.ts', bytes))),
      { numRuns: 300 },
    ))

  test('in an fMP4 segment and its init section', () =>
    fc.assert(
      fc.asyncProperty(spoiled(fragments), spoiled(inits), async (bytes, init) =>
        expectPlain(await tell('a.m4s', bytes, init)),
      ),
      { numRuns: 300 },
    ))

  test('in any body of any name', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a.ts', 'a.aac', 'a.mp3', 'a.ac3', 'a.ec3', 'a.m4s', 'a'),
        fc.uint8Array({ maxLength: 2_000 }),
        fc.option(fc.uint8Array({ maxLength: 500 }), { nil: undefined }),
        async (name, bytes, init) => expectPlain(await tell(name, bytes, init)),
      ),
    ))

  test('in a body of boxes without anything in them', async () => {
    const empty = new Uint8Array(2 * MAX_CODEC_BYTES)
    const view = new DataView(empty.buffer)
    for (let at = 0; at < empty.length; at += 8) view.setUint32(at, 8)
    view.setUint32(0, MAX_CODEC_BYTES)
    empty.set(new TextEncoder().encode('moov'), 4)
    expectPlain(await tell('a.m4s', empty, empty))
  })
})

test('P6: no more is read than MAX_CODEC_BYTES, whatever stands there', async () => {
  const packet = new Uint8Array(188).fill(0xff)
  packet[0] = 0x47
  let read = 0
  const endless: BodyContent = {
    size: Number.MAX_SAFE_INTEGER,
    async *stream(start = 0, end = Number.MAX_SAFE_INTEGER) {
      for (let at = start; at < end; at += packet.length) {
        read += packet.length
        yield packet
      }
    },
  }
  await segmentInfo('a.ts', { content: endless, range: { start: 10, end: 1e12 } }, undefined)
  expect(read).toBeGreaterThan(MAX_CODEC_BYTES / 2)
  expect(read).toBeLessThan(MAX_CODEC_BYTES + 2 * packet.length)
})
