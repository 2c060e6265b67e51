import { afterAll, expect, test } from 'vitest'
import type { Capture } from '../../src/testing/index.ts'
import { playlistPaths } from '../support/captures.ts'
import { timelineOf } from './expected-text.ts'
import {
  interleaved,
  lastNever,
  type Mutation,
  playlistEarly,
  playlistsSwapped,
  segmentLate,
  segmentNever,
  twice,
} from './mutations.ts'
import { replayChecked } from './replay-run.ts'

/** What is verified of each capture over all its runs, at least. */
const MIN_VERIFIED = 50
/** Time between the starts of the first runs, and how many these are: of one segment of two seconds. */
const STAGGER_MS = 50
const STAGGERED = 40
const asRecorded: Mutation = { name: 'as recorded', apply: (capture) => capture }
const MUTATIONS = [
  asRecorded,
  playlistEarly,
  playlistsSwapped,
  segmentLate,
  segmentNever,
  lastNever,
  twice,
  interleaved(1),
]

/** Declares the runs of some captures, and at last how much was verified. */
export function proveCaptures(captures: readonly Capture[]): void {
  let started = 0
  const verified = new Map<string, number>()
  const worst = { promptMs: 0, behindGapMs: 0 }
  for (const capture of captures) {
    for (const mutation of [...MUTATIONS, ...moreSeeds(capture)]) {
      const mutated = mutation.apply(capture)
      if (mutated === undefined) continue
      test.concurrent(`${capture.name}, ${mutation.name}: P2, P3, P4, P7 and P9 are kept`, async () => {
        // Encoders in step would have all their segments written at the same moment.
        await new Promise((resolve) => setTimeout(resolve, (started++ % STAGGERED) * STAGGER_MS))
        const report = await replayChecked(capture, mutation, mutated)
        verified.set(capture.name, (verified.get(capture.name) ?? 0) + report.verified)
        worst.promptMs = Math.max(worst.promptMs, report.worstMs)
        worst.behindGapMs = Math.max(worst.behindGapMs, report.worstBehindGapMs)
      })
    }
  }

  afterAll(() => {
    const counts = [...verified.values()].filter((count) => count > 0)
    const sum = counts.reduce((all, count) => all + count, 0)
    const { promptMs, behindGapMs } = worst
    console.info(
      `verified ${sum} (playlist, URI, range, hash) of ${counts.length} captures, ${Math.min(...counts)} or more of each`,
    )
    console.info(`worst: ${promptMs} ms to the origin, ${behindGapMs} ms behind a segment that did not come`)
  })

  for (const capture of captures) {
    const atLeast = nameable(capture) === 0 ? 0 : MIN_VERIFIED
    test(`${capture.name}: at least ${atLeast} (playlist, URI, range, hash) were verified`, () => {
      expect(verified.get(capture.name)).toBeGreaterThanOrEqual(atLeast)
    })
  }
}

/** Short pushes are interleaved more often, so that enough is verified. */
function moreSeeds(capture: Capture): Mutation[] {
  const perRun = nameable(capture)
  const more = perRun === 0 ? 0 : Math.ceil((1.5 * MIN_VERIFIED) / perRun) - MUTATIONS.length
  return Array.from({ length: Math.max(0, more) }, (_, index) => interleaved(index + 2))
}

/** How many (version, entry) pairs a push has whose segment was sent. */
function nameable(capture: Capture): number {
  const timelines = playlistPaths(capture).map((path) => timelineOf(capture, path))
  return timelines
    .flatMap(({ versions, entries }) =>
      versions.map(({ firstNumber, lastNumber }) => {
        const named = entries.filter(({ number }) => firstNumber <= number && number <= lastNumber)
        return named.filter(({ segment }) => segment.body !== undefined).length
      }),
    )
    .reduce((sum, count) => sum + count, 0)
}
