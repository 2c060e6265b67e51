import { RECORDINGS_HEADING } from './benchmarks-file.ts'
import type { ClipCosts } from './clip-cost.ts'
import { machineFacts } from './document.ts'
import { type HourCost, type Replay, SHORT_HOURS } from './recorded-day-replay.ts'
import { table } from './report.ts'

/** What a run gave. */
export interface RecordedDay {
  readonly replay: Replay
  readonly clips: ClipCosts
}

/** How many times the first hour's cost the last hour's may be, and the clip's of a day that of two hours. */
const MAX_GROWTH = 1.5
/** How many times the CPU time of the same bytes from memory a clip may take. */
const MAX_CLIP = 5

/** The ratios that are bounded: what they are, the value, and the most that is allowed. */
export function boundedRatios({ replay, clips }: RecordedDay): (readonly [string, number, number])[] {
  const [first, last] = [replay.hours[0], replay.hours.at(-1)]
  const growth = (of: (hour: HourCost) => number) => (first && last ? of(last) / of(first) : Number.NaN)
  const times = (one: readonly number[], other: readonly number[]) =>
    medianOf(one.map((value, round) => value / (other[round] ?? Number.NaN)))
  return [
    ['CPU time per segment, last hour to first', growth((hour) => hour.cpuMicroseconds), MAX_GROWTH],
    ['bytes into the store per segment, last hour to first', growth((hour) => hour.storedBytes), MAX_GROWTH],
    ['heap of the process, after the last hour to after the first', growth((hour) => hour.heapBytes), MAX_GROWTH],
    ['CPU time of the clip, to the same bytes from memory', times(clips.long, clips.memory), MAX_CLIP],
    ['CPU time of the clip, to that of the shorter recording', times(clips.long, clips.short), MAX_GROWTH],
  ]
}

/** The figures as tables. */
export function dayFigures(day: RecordedDay): string {
  const { hours } = day.replay
  const shown = [...new Set([0, 1, Math.floor(hours.length / 2), hours.length - 3, hours.length - 2, hours.length - 1])]
  const rows = shown.flatMap((index) => {
    const hour = hours[index]
    if (hour === undefined) return []
    const { cpuMicroseconds, storedBytes, heapBytes } = hour
    return [[String(index + 1), cpuMicroseconds.toFixed(0), storedBytes.toFixed(0), (heapBytes / 1e6).toFixed(1)]]
  })
  const mean = hours.reduce((sum, { storedBytes }) => sum + storedBytes, 0) / hours.length
  const { clips } = day
  const ms = (values: readonly number[]) => medianOf(values).toFixed(2)
  return `${table(['hour', 'CPU µs per segment', 'bytes into the store per segment', 'heap, MB'], rows)}

Over all hours ${mean.toFixed(0)} bytes went into the store per segment. CPU time of one answer: the clip of an hour of the
long recording ${ms(clips.long)} ms, of the shorter one ${ms(clips.short)} ms, the same ${clips.bytes.toLocaleString('en-US')} bytes from memory ${ms(clips.memory)} ms; the whole
recording as a VOD playlist ${ms(clips.whole)} ms.

${table(
  ['ratio', 'measured', 'allowed'],
  boundedRatios(day).map(([what, value, most]) => [what, value.toFixed(2), String(most)]),
)}`
}

/** The part of BENCHMARKS.md. */
export function dayDocument(day: RecordedDay, command: string, fileSystem: string): string {
  const { hours } = day.replay
  return `${RECORDINGS_HEADING}

\`${command}\` makes this part.

A stream of ${hours.length} hours, ${(1_800 * hours.length).toLocaleString('en-US')} segments of 2 s, is replayed into a receiver in this process, as ffmpeg pushes it: each segment
(64 bytes), then a list of the last five with dates; the receiver's time is told to go by. Journal and store are on
disk, nothing is synced. CPU time is that of the process, user and system, so HTTP is not in it. What has left the list is
written to the store as a playlist of its run each time that it has grown by a tenth: the hour in which that happens takes more bytes than others.

Then \`hls-receiver serve\` goes on with the folder, and is asked for a clip of one hour from the middle of that recording,
and from one of ${SHORT_HOURS} hours, one request after the other; a bare node:http server answers with the same bytes from memory.
All three take turns; the figures are medians of ${day.clips.long.length} rounds.

${machineFacts(fileSystem).join('\n')}

${dayFigures(day)}
`
}

/** What is more than it may be; empty when all is well. */
export function boundsPassed(day: RecordedDay): string[] {
  // A ratio that is not a number is no pass either.
  const passed = boundedRatios(day).filter(([, value, most]) => !(value <= most))
  return passed.map(([what, value, most]) => `${what}: ${value.toFixed(2)}; ${most} is allowed.`)
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
