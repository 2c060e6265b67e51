import { writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LONG, type Replay, SHORT } from './recorded-day-replay.ts'
import { ServerProcess } from './server-process.ts'

/** CPU time of one request, in ms, round by round. */
export interface ClipCosts {
  /** The same hour of the long recording, of the short one, and from memory. */
  readonly long: readonly number[]
  readonly short: readonly number[]
  readonly memory: readonly number[]
  /** The whole of the long recording as a VOD playlist, in ms of CPU. */
  readonly whole: readonly number[]
  /** Length of the clip's text. */
  readonly bytes: number
}

const CLI = fileURLToPath(new URL('../dist/node/cli.js', import.meta.url))
const MEMORY = fileURLToPath(new URL('./memory-server.ts', import.meta.url))
const HOUR_MS = 3_600_000
const SEGMENT_MS = 2_000
/** Clips are asked for in turn, this many at a time. */
const SLICE = 50

/** Asks a receiver that goes on with a replayed folder for an hour of each of its recordings. */
export async function measureClips(
  folder: string,
  { begins, hours }: Replay,
  { rounds, requests }: { readonly rounds: number; readonly requests: number },
): Promise<ClipCosts> {
  const servers: ServerProcess[] = []
  try {
    const receiver = new ServerProcess({
      file: process.execPath,
      args: [CLI, 'serve'],
      env: { DATA_DIR: folder, PORT: '0', HOST: '127.0.0.1', STORE: 'disk', LOG_LEVEL: 'warn' },
      output: join(folder, 'receiver.log'),
    })
    servers.push(receiver)
    const origin = `http://127.0.0.1:${await receiver.port()}/live/streams`
    // Each clip is another one: begun some milliseconds later.
    let later = 0
    const clip = (stream: string, start: number) => () => {
      const from = start + (later++ % SEGMENT_MS)
      return `${origin}/${stream}.m3u8?start=${from / 1_000}&end=${(from + HOUR_MS) / 1_000}`
    }
    const long = clip(LONG, begins.long + Math.floor(hours.length / 2) * HOUR_MS)
    const short = clip(SHORT, begins.short + HOUR_MS / 2)
    const text = await read(long(), new Agent())
    const file = join(folder, 'clip.m3u8')
    writeFileSync(file, text)
    const memory = new ServerProcess({
      file: process.execPath,
      args: ['--import', import.meta.resolve('tsx'), MEMORY, file],
      output: join(folder, 'memory.log'),
    })
    servers.push(memory)
    const bare = `http://127.0.0.1:${await memory.port()}/`
    const costs = { long: [], short: [], memory: [], whole: [] } as Record<
      'long' | 'short' | 'memory' | 'whole',
      number[]
    >
    const whole = `${origin}/${LONG}.m3u8?playlist=vod`
    for (let round = 0; round <= rounds; round++) {
      const given = { long: 0, short: 0, memory: 0 }
      for (let done = 0; done < requests; done += SLICE) {
        given.long += await cpuOf(receiver, long, SLICE)
        given.short += await cpuOf(receiver, short, SLICE)
        given.memory += await cpuOf(memory, () => bare, SLICE)
      }
      const once = await cpuOf(receiver, () => whole, 1)
      // The first round warms up.
      if (round === 0) continue
      for (const each of ['long', 'short', 'memory'] as const) costs[each].push((1_000 * given[each]) / requests)
      costs.whole.push(1_000 * once)
    }
    return { ...costs, bytes: text.length }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** CPU seconds that a server takes for so many answers, one after the other on one connection. */
async function cpuOf(server: ServerProcess, nextUrl: () => string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const before = server.cpu()
  for (let index = 0; index < count; index++) await read(nextUrl(), agent)
  const used = server.cpu() - before
  agent.destroy()
  return used
}

function read(url: string, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks))
        else reject(new Error(`${url} is answered ${response.statusCode}.`))
      })
    }).on('error', reject)
  })
}
