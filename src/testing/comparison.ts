import type { ExpectedEntry, ExpectedPart, Timeline } from './expected-timeline.ts'
import { sha256 } from './origin-reader.ts'
import type { PlaylistFollower, Sample } from './playlist-follower.ts'
import { encoderNameOf, type RecordedBody } from './recording.ts'
import type { ServedEntry } from './served-playlist.ts'

/** What came of comparing all that one playlist named with what the encoder sent. */
export interface Comparison {
  /** Different (playlist text, URI, range, hash) that were right. */
  readonly verified: number
  /** Sentences that begin with the promise that was broken. */
  readonly violations: readonly string[]
}

/** Compares each segment, init section and key that a playlist named with what the encoder sent for it (P2, P4). */
export function compareWithRecording(
  { url, samples }: Pick<PlaylistFollower, 'url' | 'samples'>,
  timeline: Timeline,
  bodies: readonly RecordedBody[],
): Comparison {
  const expected = new Map(timeline.entries.map((entry) => [entry.number, entry]))
  const verified = new Set<string>()
  const violations = new Set<string>()
  for (const sample of samples) {
    const entry = expected.get(sample.entry.number)
    const where = `entry ${sample.entry.number} of ${url}`
    for (const broken of entry === undefined ? ['P2: none that the encoder named'] : brokenTags(entry, sample.entry)) {
      violations.add(`${broken}: ${where}`)
    }
    if (rightHashes(sample, entry, bodies).includes(sample.hash)) {
      verified.add(JSON.stringify([sample.version, sample.url, sample.range, sample.hash]))
    } else {
      violations.add(`P2: ${sample.role} ${sample.uri} is not what the encoder sent: ${where}`)
    }
  }
  return { verified: verified.size, violations: [...violations] }
}

/** What is wrong in the lines of an entry, whatever its bytes are. */
function brokenTags(expected: ExpectedEntry, served: ServedEntry): string[] {
  return [
    ...(expected.duration === served.duration ? [] : [`P4: lasts ${served.duration} s, not ${expected.duration} s`]),
    ...(expected.beginsRun && !served.isDiscontinuity ? ['P4: begins a run without EXT-X-DISCONTINUITY'] : []),
    ...(expected.map !== undefined && served.map === undefined ? ['P4: has lost its EXT-X-MAP'] : []),
  ]
}

function rightHashes(sample: Sample, entry: ExpectedEntry | undefined, bodies: readonly RecordedBody[]): string[] {
  if (sample.role === 'segment') return hashesOf(entry?.segment)
  if (sample.role === 'map') return hashesOf(entry?.map)
  const name = encoderNameOf(sample.uri)
  return bodies.filter((body) => body.name === name || body.name.endsWith(`/${name}`)).map(({ bytes }) => sha256(bytes))
}

function hashesOf(part: ExpectedPart | undefined): string[] {
  if (part?.body === undefined) return []
  const { bytes } = part.body
  return [sha256(part.range === undefined ? bytes : bytes.subarray(part.range.start, part.range.end))]
}
