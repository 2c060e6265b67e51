import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { firstSeedWith } from './playlists/bug-hunt.ts'
import { PLANTED_BUGS } from './playlists/planted-bugs.ts'
import { runPlaylists } from './playlists/run.ts'

/** Histories within which a planted bug must show. */
const PATIENCE = 500

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, from: { type: 'string' }, part: { type: 'boolean', default: false } },
})
const seed = process.env['SEED']
const from = wholeNumber(values.from ?? seed ?? '1')
const count = wholeNumber(values.seeds ?? (seed === undefined ? '200' : '1'))

if (values.part) await runAll()
else {
  const broken = count === 1 ? await runAll() : await runParts()
  const unfound = count === 1 ? 0 : await hunt()
  console.log(`${count} histories, ${broken} violations`)
  process.exitCode = broken + unfound > 0 ? 1 : 0
}

/** Runs the histories and counts the violations; each is printed with its seed. */
async function runAll(): Promise<number> {
  let found = 0
  for (let each = from; each < from + count; each++) {
    const { violations } = await runPlaylists(each)
    found += violations.length
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
    process.stdout.write(text)
  })
  return new Promise((resolve, reject) => {
    part.on('error', reject)
    part.on('close', (code) => {
      const found = printed.split('\n').filter((line) => line.startsWith('SEED=')).length
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
