import { parseArgs } from 'node:util'
import { firstSeedWith } from './playlists/bug-hunt.ts'
import { PLANTED_BUGS } from './playlists/planted-bugs.ts'
import { runPlaylists } from './playlists/run.ts'

const PROGRESS_MS = 20_000
/** Histories within which a planted bug must show. */
const PATIENCE = 500

const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' } } })
const count = wholeNumber(values.seeds ?? '200')
const from = wholeNumber(values.from ?? '1')

const violations = await runAll()
const unfound = await hunt()
console.log(`${count} histories, ${violations} violations`)
process.exitCode = violations + unfound > 0 ? 1 : 0

/** Runs the histories and counts the violations; each is printed with its seed. */
async function runAll(): Promise<number> {
  const began = Date.now()
  let found = 0
  let progressAt = began + PROGRESS_MS
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await runPlaylists(seed)
    found += outcome.violations.length
    for (const violation of outcome.violations) console.log(`SEED=${seed} ${violation}`)
    if (Date.now() < progressAt) continue
    progressAt += PROGRESS_MS
    console.log(`${seed - from + 1} of ${count} histories after ${Math.round((Date.now() - began) / 1000)} s`)
  }
  return found
}

/** Looks for each planted bug and counts those that were not found. */
async function hunt(): Promise<number> {
  let unfound = 0
  for (const bug of PLANTED_BUGS) {
    const seed = await firstSeedWith(bug, from, PATIENCE)
    if (seed === undefined) unfound++
    console.log(`${bug.what}: ${seed === undefined ? `not found in ${PATIENCE} histories` : `found by SEED=${seed}`}`)
  }
  return unfound
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`not a whole number: ${text}`)
  return Number(text)
}
