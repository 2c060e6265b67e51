import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PLAYLISTS_HEADING, writePart } from './benchmarks-file.ts'
import { fileSystemOf } from './file-system.ts'
import { LiveList } from './live-list.ts'
import {
  type Block,
  LONG,
  type Load,
  measureBlock,
  type Servers,
  SHORT,
  streamOf,
  type Twins,
  twinsOf,
  YOUNG,
} from './playlist-blocks.ts'
import { type GrowthResult, growthDocument, growthFigures, limitsPassed } from './playlist-growth-document.ts'
import { type Plan, readGrowthOptions } from './playlist-growth-options.ts'
import { type Memory, type ProbedReceiver, startHashSink, startProbedReceiver, untilQuiet } from './playlist-servers.ts'
import { assertServed, uploadSegments, uploadVersions } from './playlist-upload.ts'

const LOADS = [SHORT, YOUNG, LONG]
/** What both servers take before the memory is first looked at. */
const WARM_UP: Load = { ...SHORT, name: 'warm-up', stream: 'warm' }
const WARM_UP_VERSIONS = 300
/** Versions of each long list before its memory is counted: the first, and some that grew. */
const HELD_VERSIONS = 4

async function main(): Promise<void> {
  const { plan, folder: parent, ...options } = readGrowthOptions()
  const fileSystem = fileSystemOf(parent)
  const folder = mkdtempSync(join(parent, 'hls-receiver-bench-'))
  const servers: { stop(): Promise<void> }[] = []
  const end = async () => {
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end().finally(() => process.exit(1)))
  try {
    const receiver = await startProbedReceiver(join(folder, 'receiver'))
    servers.push(receiver)
    const sink = await startHashSink(join(folder, 'sink'))
    servers.push(sink)
    const result = await run(receiver, [receiver, sink], plan)
    process.stdout.write(`\n${growthFigures(result)}\n`)
    if (options.write)
      writePart(PLAYLISTS_HEADING, growthDocument(result, { ...options, plan, folder: parent }, fileSystem))
    if (options.check) check(result)
  } finally {
    await end()
  }
}

async function run(receiver: ProbedReceiver, servers: Servers, plan: Plan): Promise<GrowthResult> {
  await warmUp(servers)
  const before = await receiver.memory()
  await uploadAllSegments(receiver.port, plan)
  const long = twinsOf(LONG, 0)
  const others = otherStreams(plan).map((stream) => new LiveList(stream, LONG.shape))
  await hold(receiver, [long[0], ...others])
  await uploadVersions(servers[1].port, long[1], HELD_VERSIONS)
  const after = await receiver.memory()
  const blocks = await measureAll(servers, long, plan)
  return { blocks, memory: sharePer(plan.heldStreams, before, after) }
}

async function warmUp(servers: Servers): Promise<void> {
  say('warming up')
  await uploadSegments(servers[0].port, WARM_UP.stream, WARM_UP.shape.entries + WARM_UP_VERSIONS)
  await measureBlock(servers, twinsOf(WARM_UP, 0), WARM_UP_VERSIONS)
}

async function uploadAllSegments(port: number, plan: Plan): Promise<void> {
  say('uploading segments')
  const { rounds, versions } = plan
  for (const load of LOADS) {
    const added = HELD_VERSIONS + (load.renews ? versions : (rounds + 1) * versions)
    const streams = new Set(Array.from({ length: rounds + 1 }, (_, round) => streamOf(load, round)))
    for (const stream of streams) await uploadSegments(port, stream, load.shape.entries + added)
  }
  for (const stream of otherStreams(plan)) await uploadSegments(port, stream, LONG.shape.entries + HELD_VERSIONS)
}

/** The streams with a long list beside the one that is measured. */
function otherStreams({ heldStreams }: Plan): string[] {
  return Array.from({ length: heldStreams - 1 }, (_, index) => `held${index + 1}-`)
}

/** Uploads the long lists, lets the receiver finish with their segments, and lets the lists grow once more. */
async function hold(receiver: ProbedReceiver, lists: readonly LiveList[]): Promise<void> {
  for (const list of lists) await uploadVersions(receiver.port, list, 1)
  say('crossing off the segments')
  await receiver.settle()
  for (const list of lists) await uploadVersions(receiver.port, list, HELD_VERSIONS - 1)
  await untilQuiet(receiver)
  for (const list of lists) await assertServed(receiver.port, list)
}

function sharePer(streams: number, before: Memory, after: Memory): Memory {
  return {
    heapUsed: (after.heapUsed - before.heapUsed) / streams,
    arrayBuffers: (after.arrayBuffers - before.arrayBuffers) / streams,
  }
}

/** All loads in turn, round by round; what the first round gives is left out. */
async function measureAll(servers: Servers, long: Twins, { rounds, versions }: Plan): Promise<Map<Load, Block[]>> {
  const short = twinsOf(SHORT, 0)
  const blocks = new Map<Load, Block[]>(LOADS.map((load) => [load, []]))
  for (let round = 0; round <= rounds; round++) {
    const lists = new Map([
      [SHORT, short],
      [YOUNG, twinsOf(YOUNG, round)],
      [LONG, long],
    ])
    for (const [load, twins] of lists) {
      say(`${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}: ${load.name}`)
      const block = await measureBlock(servers, twins, versions)
      if (round > 0) blocks.get(load)?.push(block)
    }
  }
  return blocks
}

function check(result: GrowthResult): void {
  const passed = limitsPassed(result)
  if (passed.length > 0) throw new Error(passed.join(' '))
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe benchmark failed. ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
