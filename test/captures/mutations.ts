import type { Capture, CapturedRequest } from '../../src/testing/capture.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { isKept, isPlaylist, nameOf } from '../support/captures.ts'
import { seededRandom } from '../support/random.ts'

/** Another way in which the same push could have come. */
export interface Mutation {
  readonly name: string
  /** The push as it then comes; undefined when that is not possible. Its requests keep their `n`. */
  apply(capture: Capture): Capture | undefined
  /** The request that it leaves out. */
  readonly lostOf?: (capture: Capture) => CapturedRequest | undefined
  /** Segments come in another order, and so the numbers that they are stored under may be others. */
  readonly isReordered?: true
}

/** How long before the end of its segment a playlist comes, in ms. */
const EARLY_MS = 500
/** How late a segment comes, in ms. */
const LATE_MS = 3_000
/** Longest delay of a request, and of its end, in ms. */
const JITTER_MS = 300
/** Most pieces of a body. */
const MAX_PIECES = 4

/** Each playlist is whole before the segment that came before it. */
export const playlistEarly: Mutation = {
  name: 'playlist-early',
  apply: (capture) =>
    remade(capture, (request, connection) => {
      const segment = capture.requests.findLast(
        (other) => isSegment(other) && other.sentAt <= request.sentAt && (other.endedAt ?? 0) <= (request.endedAt ?? 0),
      )
      const { endedAt } = request
      if (!isKept(request) || !isPlaylist(request) || endedAt === undefined) return [request]
      if (segment?.endedAt === undefined) return [request]
      const ms = Math.min(segment.endedAt - EARLY_MS - endedAt, 0)
      return [{ ...moved(request, ms), connection: connection() }]
    }),
}

/** Neighbouring versions of a playlist come in each other's place, where one encoder sent both. */
export const playlistsSwapped: Mutation = {
  name: 'playlists-swapped',
  apply(capture) {
    const places = new Map<number, number>()
    const playlists = capture.requests.filter((request) => isKept(request) && isPlaylist(request))
    for (const name of new Set(playlists.map(nameOf))) {
      const versions = playlists.filter((request) => nameOf(request) === name)
      for (let at = 0; at + 1 < versions.length; at += 2) {
        const [one, other] = [versions[at], versions[at + 1]]
        if (one === undefined || other === undefined || !isOfOneRun(one, other)) continue
        places.set(one.n, other.sentAt)
        places.set(other.n, one.sentAt)
      }
    }
    if (places.size === 0) return undefined
    return remade(capture, (request, connection) => {
      const at = places.get(request.n)
      return [at === undefined ? request : { ...moved(request, at - request.sentAt), connection: connection() }]
    })
  },
}

/** The middle segment comes late. */
export const segmentLate: Mutation = {
  name: 'segment-late',
  isReordered: true,
  apply: (capture) =>
    withSegment(capture, middleOf, (request, connection) => [{ ...moved(request, LATE_MS), connection: connection() }]),
}

/** The middle segment never comes. */
export const segmentNever: Mutation = {
  name: 'segment-never',
  apply: (capture) => withSegment(capture, middleOf, () => []),
  lostOf: middleOf,
}

/** The last segment never comes. */
export const lastNever: Mutation = {
  name: 'last-never',
  apply: (capture) => withSegment(capture, lastOf, () => []),
  lostOf: lastOf,
}

/** Each upload is sent again, on a connection of its own, as soon as it is whole. */
export const twice: Mutation = {
  name: 'twice',
  apply: (capture) =>
    remade(capture, (request, connection) => {
      if (!isKept(request)) return [request]
      const again = moved(request, (request.endedAt ?? request.sentAt) - request.sentAt)
      return [request, { ...squeezed(again), connection: connection() }]
    }),
}

/** Requests are delayed by chance and come in pieces; each connection keeps its order. */
export function interleaved(seed: number): Mutation {
  return {
    name: `interleaved-${seed}`,
    apply(capture) {
      const random = seededRandom(seed)
      const freeAt = new Map<number, number>()
      return remade(capture, (request) => {
        const delay = random.whole(0, JITTER_MS)
        const sentAt = Math.max(request.sentAt + delay, freeAt.get(request.connection) ?? 0)
        const later = moved(request, sentAt - request.sentAt)
        const mutated = later.endedAt === undefined ? later : spread(later, random.whole(0, JITTER_MS))
        freeAt.set(request.connection, mutated.endedAt ?? mutated.pieces.at(-1)?.at ?? sentAt)
        return [mutated]
      })
    },
  }
}

/** Whether a request carries a media segment. */
export function isSegment(request: CapturedRequest): boolean {
  return isKept(request) && /\.(?:ts|m4s|vtt)$/.test(nameOf(request))
}

type Remake = (request: CapturedRequest, newConnection: () => number) => CapturedRequest[]

function remade(capture: Capture, remake: Remake): Capture {
  let last = Math.max(...capture.requests.map((request) => request.connection))
  const requests = capture.requests.flatMap((request) => remake(request, () => ++last))
  return { ...capture, requests: requests.sort((one, other) => one.sentAt - other.sentAt) }
}

function withSegment(
  capture: Capture,
  choose: (capture: Capture) => CapturedRequest | undefined,
  remake: Remake,
): Capture | undefined {
  const segment = choose(capture)
  if (segment === undefined) return undefined
  return remade(capture, (request, connection) => (request === segment ? remake(request, connection) : [request]))
}

function middleOf(capture: Capture): CapturedRequest | undefined {
  const segments = capture.requests.filter(isSegment)
  return segments[Math.floor(segments.length / 2)]
}

function lastOf(capture: Capture): CapturedRequest | undefined {
  return capture.requests.findLast(isSegment)
}

function isOfOneRun(one: CapturedRequest, other: CapturedRequest): boolean {
  const [before, next] = [one, other].map(({ body }) => readServed(new TextDecoder().decode(body)))
  if (before === undefined || next === undefined || before.kind === 'multivariant') return false
  return !before.hasEndlist && next.mediaSequence + next.entries.length >= before.mediaSequence + before.entries.length
}

function moved(request: CapturedRequest, ms: number): CapturedRequest {
  return {
    ...request,
    sentAt: request.sentAt + ms,
    pieces: request.pieces.map((piece) => ({ ...piece, at: piece.at + ms })),
    endedAt: request.endedAt === undefined ? undefined : request.endedAt + ms,
  }
}

/** The same request with everything sent at once. */
function squeezed(request: CapturedRequest): CapturedRequest {
  const pieces = request.pieces.map((piece) => ({ ...piece, at: request.sentAt }))
  return { ...request, pieces, endedAt: request.sentAt }
}

/** The same request with its end so much later, its pieces in smaller ones on the way there. */
function spread(request: CapturedRequest, ms: number): CapturedRequest {
  let reached = request.sentAt
  const pieces = request.pieces.flatMap(({ at, bytes }) => {
    const size = Math.ceil(bytes.length / MAX_PIECES)
    return Array.from({ length: Math.min(MAX_PIECES, bytes.length) }, (_, index) => {
      reached = Math.max(reached, at + (ms * index) / MAX_PIECES)
      return { at: reached, bytes: bytes.subarray(index * size, (index + 1) * size) }
    })
  })
  return {
    ...request,
    pieces: pieces.filter(({ bytes }) => bytes.length > 0),
    endedAt: Math.max(request.endedAt ?? 0, reached),
  }
}
