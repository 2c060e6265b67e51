import { expect, test } from 'vitest'
import type { Capture, CapturedRequest } from '../../src/testing/index.ts'
import { captures, isPlaylist, nameOf } from '../support/captures.ts'
import {
  interleaved,
  isSegment,
  lastNever,
  type Mutation,
  playlistEarly,
  playlistsSwapped,
  segmentLate,
  segmentNever,
  twice,
} from './mutations.ts'

const original = captureCalled('mpegts-live-delete')

function captureCalled(name: string): Capture {
  const capture = captures.find((one) => one.name === name)
  if (capture === undefined) throw new Error(`no capture ${name}`)
  return capture
}

function mutated(mutation: Mutation, capture = original): readonly CapturedRequest[] {
  const { requests } = mutation.apply(capture) ?? { requests: [] }
  for (const request of requests) {
    const times = [request.sentAt, ...request.pieces.map(({ at }) => at), request.endedAt ?? Number.POSITIVE_INFINITY]
    expect(times, `${request.n} in order`).toEqual(times.toSorted((one, other) => one - other))
    expect(Buffer.concat(request.pieces.map(({ bytes }) => bytes)).equals(Buffer.from(request.body))).toBe(true)
  }
  return requests
}

const numbers = (requests: readonly CapturedRequest[]) => requests.map(({ n }) => n)
const ended = (requests: readonly CapturedRequest[], n: number) => requests.find((one) => one.n === n)?.endedAt ?? 0

test('playlist-early: each playlist is whole half a second before the segment sent before it', () => {
  const requests = mutated(playlistEarly)
  const playlists = requests.filter(isPlaylist)
  expect(playlists).toHaveLength(6)
  for (const { n, endedAt = 0 } of playlists) {
    const segment = original.requests.findLast((request) => request.n < n && isSegment(request))
    expect(endedAt).toBeCloseTo((segment?.endedAt ?? 0) - 500)
  }
})

test('playlists-swapped: neighbours change places, but not over a restart', () => {
  const order = (capture: Capture) => numbers(mutated(playlistsSwapped, capture).filter(isPlaylist))
  expect(order(original)).toEqual([4, 2, 8, 6, 14, 11])
  expect(order(captureCalled('restart-without-append'))).toEqual([4, 2, 6, 8, 12, 10])
})

test('segment-late, segment-never, last-never: one segment, and nothing else', () => {
  expect(ended(mutated(segmentLate), 7)).toBeCloseTo(ended(original.requests, 7) + 3_000)
  expect(numbers(original.requests).filter((n) => !numbers(mutated(segmentNever)).includes(n))).toEqual([7])
  expect(numbers(original.requests).filter((n) => !numbers(mutated(lastNever)).includes(n))).toEqual([12])
  expect([segmentNever, lastNever].map((mutation) => mutation.lostOf?.(original)?.n)).toEqual([7, 12])
})

test('twice: each upload comes twice, the second time on its own connection', () => {
  const requests = mutated(twice)
  expect(requests.filter((request) => isSegment(request) || isPlaylist(request))).toHaveLength(24)
  expect(new Set(requests.map(({ connection }) => connection)).size).toBe(requests.length)
})

test('interleaved: another order in each seed, the same order on each connection, bodies in pieces', () => {
  const [one, other] = [mutated(interleaved(1)), mutated(interleaved(2))]
  expect(one.map(({ sentAt }) => sentAt)).not.toEqual(other.map(({ sentAt }) => sentAt))
  expect(mutated(interleaved(1)).map(({ sentAt }) => sentAt)).toEqual(one.map(({ sentAt }) => sentAt))
  expect(one.find(isSegment)?.pieces).toHaveLength(4)
  const kept = mutated(interleaved(1), captureCalled('mpegts-live-delete-persistent'))
  expect(numbers(kept.filter(({ connection }) => connection === 1))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14])
  expect(kept.map(nameOf)).toContain('stream1.m3u8')
})
