import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** How much one run does. */
export interface Plan {
  readonly rounds: number
  /** Measured PUTs of one playlist in one round. */
  readonly versions: number
  /** Streams with a long playlist, of which the memory is counted. */
  readonly heldStreams: number
}

/** What the command line asks for. */
export interface GrowthOptions {
  /** The call that gives the same figures. */
  readonly command: string
  readonly plan: Plan
  readonly check: boolean
  readonly write: boolean
  /** Folder to keep the servers' files in while they run. */
  readonly folder: string
}

const FULL: Plan = { rounds: 5, versions: 1_000, heldStreams: 4 }
const QUICK: Plan = { rounds: 5, versions: 200, heldStreams: 2 }

/** How the benchmark is called. */
const USAGE = `npm run bench:playlists -- [options]
  --check           fails when a limit is passed
  --write           writes its part of BENCHMARKS.md
  --quick           a fifth of the PUTs, half of the streams
  --rounds=5        rounds that the medians are taken of
  --folder=FOLDER   where the servers keep their files; must be on a disk
`

/** Reads the command line. Throws on options that it does not know. */
export function readGrowthOptions(): GrowthOptions {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
    },
  })
  const plan = values.quick ? QUICK : FULL
  const rounds = Number(values.rounds ?? plan.rounds)
  if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error(USAGE)
  // A folder belongs to one machine and changes no figure.
  const shown = process.argv.slice(2).filter((argument) => !argument.startsWith('--folder='))
  const command = ['npm run bench:playlists --', ...shown].join(' ')
  return { command, plan: { ...plan, rounds }, check: values.check, write: values.write, folder: values.folder }
}
