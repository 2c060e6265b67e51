/** One way to load a server. */
export interface Cell {
  readonly bytes: number
  /** How the size is written in the tables, and in `--only`. */
  readonly label: string
  /** Whether each request opens a connection of its own, or all of a worker's requests share one. */
  readonly connections: 'new' | 'keep'
  readonly atOnce: number
  /** Measured requests of one round. */
  readonly requests: number
}

interface Size {
  readonly bytes: number
  readonly label: string
  /** Requests of a round with one at once, and with 32. */
  readonly requests: readonly [one: number, many: number]
}

const SIZES: readonly Size[] = [
  { bytes: 400, label: '400 B', requests: [1_000, 4_000] },
  { bytes: 204_800, label: '200 KB', requests: [200, 600] },
  { bytes: 1_048_576, label: '1 MiB', requests: [100, 200] },
]
const MANY = 32
/** How much less a quick run sends. */
const QUICK_DIVISOR = 5

/** All cells, or those that a filter like `400:new:32` names; an empty part of the filter fits all. */
export function cellsFor(only: string, quick: boolean): Cell[] {
  const [size = '', connections = '', atOnce = ''] = only.split(':')
  const all = SIZES.flatMap((each) => [...cellsOf(each, quick)])
  return all.filter(
    (cell) =>
      cell.label.replace(' ', '').startsWith(size.replace(' ', '')) &&
      (connections === '' || cell.connections === connections) &&
      (atOnce === '' || cell.atOnce === Number(atOnce)),
  )
}

function* cellsOf({ bytes, label, requests: [one, many] }: Size, quick: boolean): Generator<Cell> {
  const divisor = quick ? QUICK_DIVISOR : 1
  for (const connections of ['new', 'keep'] as const) {
    yield { bytes, label, connections, atOnce: 1, requests: one / divisor }
    yield { bytes, label, connections, atOnce: MANY, requests: many / divisor }
  }
}

/** A cell's name, for the console and for table rows. */
export function cellName({ label, connections, atOnce }: Cell): string {
  return `${label}, ${connections === 'new' ? 'new connection each' : 'keep-alive'}, ${atOnce} at once`
}
