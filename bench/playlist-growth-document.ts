import { PLAYLISTS_HEADING } from './benchmarks-file.ts'
import { machineFacts } from './document.ts'
import { VERSIONS_PER_DURATION } from './live-list.ts'
import { type Block, LONG, type Load, SHORT, SLICE } from './playlist-blocks.ts'
import type { GrowthOptions } from './playlist-growth-options.ts'
import type { Memory } from './playlist-servers.ts'
import { table } from './report.ts'

/** What a run gave. */
export interface GrowthResult {
  /** Round by round. */
  readonly blocks: ReadonlyMap<Load, readonly Block[]>
  /** Bytes kept for one stream with a long playlist. */
  readonly memory: Memory
}

/** How many times the CPU time of a PUT to the short list one to the long list may take, after the bare server's. */
const MAX_RATIO = 2
/** Heap that a stream with a long playlist may keep, in bytes. */
const MAX_HEAP_BYTES = 2_000_000

/** The figures as a table, with a sentence on what is kept in memory. */
export function growthFigures({ blocks, memory }: GrowthResult): string {
  const rows = [...blocks].map(([load, all]) => [
    load.name,
    milliseconds(medianOf(all.map(({ receiver }) => receiver))),
    milliseconds(medianOf(all.map(({ bare }) => bare))),
    milliseconds(medianOf(all.map(netOf))),
    ratioTo(blocks, load).toFixed(2),
  ])
  const head = ['CPU ms per PUT', 'hls-receiver', 'bare', 'difference', 'times that of the sliding list']
  const [heap, buffers] = [memory.heapUsed, memory.arrayBuffers].map((bytes) => (bytes / 1e6).toFixed(2))
  return `${table(head, rows)}

A stream with a list of 40,000 entries keeps ${heap} MB of heap, and ${buffers} MB in buffers outside of it.`
}

/** What is more than it may be; empty when all is well. */
export function limitsPassed({ blocks, memory }: GrowthResult): string[] {
  const ratio = ratioTo(blocks, LONG)
  // A ratio that is not a number is no pass either.
  const isSteady = ratio <= MAX_RATIO
  return [
    ...(isSteady
      ? []
      : [`A PUT to the long list takes ${ratio.toFixed(2)} times the CPU time; ${MAX_RATIO} is allowed.`]),
    ...(memory.heapUsed <= MAX_HEAP_BYTES ? [] : [`A stream keeps more than ${MAX_HEAP_BYTES / 1e6} MB of heap.`]),
  ]
}

/** The part of BENCHMARKS.md. */
export function growthDocument(result: GrowthResult, options: GrowthOptions, fileSystem: string): string {
  const { rounds, versions, heldStreams } = options.plan
  return `${PLAYLISTS_HEADING}

\`${options.command}\` makes this part.

A playlist as ffmpeg writes it, with dates, is uploaded again and again over one keep-alive connection, in chunks of
32 KiB, each time with one entry more; its segments are there before. Every ${VERSIONS_PER_DURATION} PUTs the target duration changes.
The same bodies go to a bare node:http server, which reads them, hashes them with SHA-256 and answers 200. The two take
turns, ${SLICE} PUTs at a time. All lists run in turn, ${versions.toLocaleString('en-US')} PUTs each, ${rounds === 1 ? 'once' : `${rounds} times`}; the figures are medians,
the last one that of each round's own ratio.

Counted is the CPU time of each server with all its threads, user and system, until it is idle again: the writes of the
playlist to the store, at most one a second, are in it (\`STORE=disk\`, \`DURABILITY=fsync\`). The segments were crossed off
as stored before, which the receiver does within two minutes if nobody asks for it sooner. At most ${MAX_RATIO} times the CPU
time of the sliding list is allowed, and ${MAX_HEAP_BYTES / 1e6} MB of heap for a stream: what ${heldStreams} streams with a list of 40,000 entries
keep, after a garbage collection, less what there was before their first segment came, divided by ${heldStreams}.

${machineFacts(fileSystem).join('\n')}

${growthFigures(result)}
`
}

function ratioTo(blocks: GrowthResult['blocks'], load: Load): number {
  const short = blocks.get(SHORT) ?? []
  const ratios = (blocks.get(load) ?? []).map((block, round) => {
    const other = short[round]
    return other === undefined ? Number.NaN : netOf(block) / netOf(other)
  })
  return medianOf(ratios)
}

function netOf({ receiver, bare }: Block): number {
  return receiver - bare
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const milliseconds = (value: number) => value.toFixed(3)
