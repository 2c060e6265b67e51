import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { RECORDINGS_HEADING, writePart } from './benchmarks-file.ts'
import { measureClips } from './clip-cost.ts'
import { fileSystemOf } from './file-system.ts'
import { boundsPassed, dayDocument, dayFigures } from './recorded-day-document.ts'
import { replayRecordings } from './recorded-day-replay.ts'

const FULL = { hours: 24, rounds: 5, requests: 200 }
const QUICK = { hours: 6, rounds: 3, requests: 100 }

/** npm run bench:recording -- [--quick] [--check] [--write] [--folder=FOLDER] */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
    },
  })
  const plan = values.quick ? QUICK : FULL
  const fileSystem = fileSystemOf(values.folder)
  const folder = mkdtempSync(join(values.folder, 'hls-receiver-bench-'))
  const end = () => rmSync(folder, { recursive: true, force: true })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  process.once('exit', end)
  const replay = await replayRecordings(folder, plan.hours)
  const day = { replay, clips: await measureClips(folder, replay, plan) }
  process.stdout.write(`\n${dayFigures(day)}\n`)
  const shown = process.argv.slice(2).filter((argument) => !argument.startsWith('--folder='))
  const command = ['npm run bench:recording --', ...shown].join(' ')
  if (values.write) writePart(RECORDINGS_HEADING, dayDocument(day, command, fileSystem))
  const passed = boundsPassed(day)
  if (values.check && passed.length > 0) throw new Error(passed.join(' '))
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe benchmark failed. ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
