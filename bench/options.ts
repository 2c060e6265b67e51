import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface Options {
  /** The call that gives the same figures. */
  readonly command: string
  readonly write: boolean
  readonly quick: boolean
  /** Filter of cells, as in `400:new:32`. */
  readonly only: string
  readonly rounds: number
  /** Whether the receiver is also measured with DURABILITY=os. */
  readonly os: boolean
  /** Folder for the receiver's CPU profile; empty: none. */
  readonly profile: string
  /** Folder to keep the servers' files in while they run. */
  readonly folder: string
}

const DEFAULT_ROUNDS = 5

/** How the benchmark is called. */
export const USAGE = `npm run bench -- [options]
  --write           writes BENCHMARKS.md
  --quick           one round, a fifth of the requests
  --only=400:new:32 only these loads (size, new or keep, at once); parts may be empty
  --rounds=5        rounds that the medians are taken of
  --os              measures hls-receiver with DURABILITY=os too
  --profile=FOLDER  writes a CPU profile of hls-receiver
  --folder=FOLDER   where the servers keep their files; must be on a disk
`

/** Reads the command line. Throws on options that it does not know. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      os: { type: 'boolean', default: false },
      profile: { type: 'string', default: '' },
      folder: { type: 'string', default: tmpdir() },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : DEFAULT_ROUNDS))
  // Folders belong to one machine and change no figure.
  const shown = process.argv.slice(2).filter((argument) => !/^--(folder|profile)=/.test(argument))
  return { ...values, rounds, command: ['npm run bench --', ...shown].join(' ') }
}
