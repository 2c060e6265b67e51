import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { firstSeedWith } from './playlists/bug-hunt.ts'
import { HAPPENINGS, type Happening } from './playlists/happenings.ts'
import { PLANTED_BUGS } from './playlists/planted-bugs.ts'
import { runPlaylists } from './playlists/run.ts'

/** Histories within which a planted bug must show. */
const PATIENCE = 500
/** Of all histories, those in which each thing happens, in percent; fewer histories than MANY tell nothing of that. */
const LEAST_PERCENT = 10
const MANY = 100

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, from: { type: 'string' }, part: { type: 'boolean', default: false } },
})
const seed = process.env['SEED']
const from = wholeNumber(values.from ?? seed ?? '1')
const count = wholeNumber(values.seeds ?? (seed === undefined ? '200' : '1'))

/** In how many histories each thing happened. */
const happened = new Map<string, number>()

if (values.part) {
  await runAll()
  for (const what of HAPPENINGS) console.log(`HAPPENED=${happened.get(what) ?? 0} ${what}`)
} else {
  const broken = count === 1 ? await runAll() : await runParts()
  const unfound = count === 1 ? 0 : await hunt()
  const rare = HAPPENINGS.filter((what) => count >= MANY && percentOf(what) < LEAST_PERCENT)
  for (const what of HAPPENINGS) console.log(`${what}: in ${happened.get(what) ?? 0} histories`)
  for (const what of rare) console.log(`too rare: ${what}`)
  console.log(`${count} histories, ${broken} violations`)
  process.exitCode = broken + unfound + rare.length > 0 ? 1 : 0
}

function percentOf(what: Happening): number {
  return (100 * (happened.get(what) ?? 0)) / count
}

function note(what: string, times: number): void {
  happened.set(what, (happened.get(what) ?? 0) + times)
}

/** Runs the histories and counts the violations; each is printed with its seed. */
async function runAll(): Promise<number> {
  let found = 0
  for (let each = from; each < from + count; each++) {
    const outcome = await runPlaylists(each)
    const { violations } = outcome
    found += violations.length
    for (const what of outcome.happened) note(what, 1)
    for (const violation of violations) console.log(`SEED=${each} ${violation}`)
  }
  return found
}

/** Runs the histories in as many processes as there are CPUs. */
async function runParts(): Promise<number> {
  const parts = Math.min(availableParallelism(), count)
  const size = Math.ceil(count / parts)
  const starts = Array.from({ length: parts }, (_, index) => from + index * size)
  const found = await Promise.all(starts.map((start) => runPart(start, Math.min(size, from + count - start))))
  return found.reduce((sum, each) => sum + each, 0)
}

/** Runs some histories in a process of its own; its violations are printed, and counted. */
function runPart(start: number, size: number): Promise<number> {
  const [script = ''] = process.argv.slice(1)
  const args = [...process.execArgv, script, '--part', '--from', String(start), '--seeds', String(size)]
  const part = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  part.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    process.stdout.write(text.replace(/^HAPPENED=.*\n/gm, ''))
  })
  return new Promise((resolve, reject) => {
    part.on('error', reject)
    part.on('close', (code) => {
      const found = printed.split('\n').filter((line) => line.startsWith('SEED=')).length
      for (const [, times, what = ''] of printed.matchAll(/^HAPPENED=(\d+) (.*)$/gm)) note(what, Number(times))
      if (code === 0) resolve(found)
      else reject(new Error(`histories from ${start} on ended with ${code}`))
    })
  })
}

/** Looks for each planted bug and counts those that were not found. */
async function hunt(): Promise<number> {
  let unfound = 0
  for (const bug of PLANTED_BUGS) {
    const found = await firstSeedWith(bug, from, PATIENCE)
    if (found === undefined) unfound++
    console.log(`${bug.what}: ${found === undefined ? `not found in ${PATIENCE} histories` : `found by SEED=${found}`}`)
  }
  return unfound
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`not a whole number: ${text}`)
  return Number(text)
}
