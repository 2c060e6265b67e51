import {
  type Capture,
  type CapturedRequest,
  type ExpectedPart,
  expectedTimeline,
  readServed,
} from '../../src/testing/index.ts'
import { sha256 } from '../support/tree.ts'
import { bodyOf, recordingOf } from './expected-text.ts'

const GAP = 'GAP'

/** The hashes of all that a push ever named in a playlist, in order; `lost` never came. */
export function sentOf(capture: Capture, path: string, lost: CapturedRequest | undefined): string[] {
  const { bodies } = recordingOf(capture)
  const lostBody = lost === undefined ? undefined : bodyOf(capture, lost, bodies)
  const { entries } = expectedTimeline(bodies, path)
  const inOrder = [...entries].sort((one, other) => one.number - other.number)
  return withoutTrailingGaps(inOrder.map(({ segment }) => hashOf(segment, lostBody)))
}

/** The hashes of all that the recording of a playlist names, in order. */
export async function recordedOf(playlistUrl: string): Promise<string[]> {
  const answer = await fetch(`${playlistUrl}?playlist=vod`)
  const entries = answer.ok ? readServed(await answer.text()).entries : []
  const hashes = entries.map(async ({ uri, range, isGap }) => {
    if (isGap) return GAP
    const headers = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }
    const segment = await fetch(new URL(uri, playlistUrl), { headers })
    return segment.ok ? sha256(new Uint8Array(await segment.arrayBuffer())) : `answered ${segment.status}`
  })
  return withoutTrailingGaps(await Promise.all(hashes))
}

function hashOf({ body, range }: ExpectedPart, lost: ExpectedPart['body']): string {
  if (body === undefined || body === lost || (range?.end ?? 0) > body.bytes.length) return GAP
  return sha256(range === undefined ? body.bytes : body.bytes.subarray(range.start, range.end))
}

/** What never came at the very end is not served. */
function withoutTrailingGaps(hashes: readonly string[]): string[] {
  return hashes.slice(0, hashes.findLastIndex((hash) => hash !== GAP) + 1)
}
