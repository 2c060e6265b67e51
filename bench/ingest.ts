import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UPLOADS_HEADING, writePart } from './benchmarks-file.ts'
import { type Cell, cellName, cellsFor } from './cells.ts'
import { benchmarksDocument } from './document.ts'
import { fileSystemOf } from './file-system.ts'
import { type Measurement, measure, medianOf } from './measure.ts'
import { nginxVersion, startNginx } from './nginx.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { type CellResult, figuresTable, ratiosTable, refusals } from './report.ts'
import { type Server, startBareSink, startReceiver } from './servers.ts'
import { isSlowToFill } from './uploaded-files.ts'

const RECEIVER = 'hls-receiver'
/** What each server takes before the first load is measured, beside a little of every load. */
const WARM_UP: Cell = { bytes: 400, label: '400 B', connections: 'new', atOnce: 32, requests: 4_000 }
const WARM_UP_BYTES = 200 * 1024 * 1024
const SLOW = `
NEW FILES COST MUCH MORE HERE THAN THEY SHOULD, and all figures will show it. ext4 does this for about five minutes after
many files were removed, as at the end of a run: wait, or give another --folder.

`

async function main(): Promise<void> {
  const options = readOptions()
  const cells = cellsFor(options.only, options.quick)
  if (cells.length === 0 || !(options.rounds >= 1)) throw new Error(USAGE)
  const version = await nginxVersion()
  const fileSystem = fileSystemOf(options.folder)
  const folder = mkdtempSync(join(options.folder, 'hls-receiver-bench-'))
  const servers: Server[] = []
  const end = async () => {
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end().finally(() => process.exit(1)))
  if (isSlowToFill(join(folder, 'probe'))) process.stderr.write(SLOW)
  try {
    await startAll(folder, options, servers)
    const results = await runAll(servers, cells, options.rounds)
    const others = servers.map(({ name }) => name).filter((name) => name !== RECEIVER)
    print(results, others)
    if (options.write) {
      const { command, rounds } = options
      const facts = { command, rounds, nginxVersion: version, fileSystem }
      writePart(UPLOADS_HEADING, benchmarksDocument(results, { ...facts, ratioOf: RECEIVER, ratioTo: others }))
    }
  } finally {
    await end()
  }
}

async function startAll(folder: string, options: Options, servers: Server[]): Promise<void> {
  const nodeArgs = options.profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
  servers.push(await startReceiver(join(folder, 'receiver'), { name: RECEIVER, durability: 'fsync', nodeArgs }))
  if (options.os) {
    const name = `${RECEIVER}, DURABILITY=os`
    servers.push(await startReceiver(join(folder, 'receiver-os'), { name, durability: 'os', nodeArgs: [] }))
  }
  servers.push(await startBareSink(join(folder, 'sink')))
  servers.push(await startNginx(join(folder, 'nginx')))
}

/** All servers through all loads, in turn, so that what else the machine does hits them alike. */
async function runAll(servers: readonly Server[], cells: readonly Cell[], rounds: number): Promise<CellResult[]> {
  for (const server of servers) {
    for (const cell of [WARM_UP, ...cells.map((each) => warmUp(each, cells.length))]) await measure(server, cell)
  }
  const all = new Map<Cell, Map<string, Measurement[]>>()
  for (let round = 0; round < rounds; round++) {
    for (const cell of cells) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${cellName(cell)}\n`)
      const byServer = all.get(cell) ?? new Map<string, Measurement[]>()
      all.set(cell, byServer)
      for (const server of servers) {
        byServer.set(server.name, [...(byServer.get(server.name) ?? []), await measure(server, cell)])
      }
    }
  }
  return [...all].map(([cell, byServer]) => ({
    cell,
    byServer: new Map([...byServer].map(([name, measurements]) => [name, medianOf(measurements)])),
  }))
}

function warmUp(cell: Cell, cells: number): Cell {
  return { ...cell, requests: Math.ceil(Math.min(cell.requests, WARM_UP_BYTES / cell.bytes / cells)) }
}

function print(results: readonly CellResult[], others: readonly string[]): void {
  const parts = [figuresTable(results), ratiosTable(results, RECEIVER, others), ...refusals(results)]
  process.stdout.write(`\n${parts.join('\n\n')}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe benchmark failed. ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
