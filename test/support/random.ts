/** Seeded chance: the same seed gives the same sequence. */
export interface Random {
  /** From 0 up to and without 1. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number
  /** One of the items, each as likely as it stands there. */
  pick<T>(items: readonly T[]): T
  /** A sequence of its own, told apart by `label`. */
  fork(label: number): Random
}

/** Mulberry32 over a 32-bit seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick(items) {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    fork: (label) => seededRandom(mixed(mixed(seed) + label + 1)),
  }
}

/** A seed like no other near it (the finalizer of MurmurHash3): forks of one seed must not be those of the next. */
function mixed(seed: number): number {
  let hash = seed | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The seed of this run: SEED from the environment, or a new one. */
export function seedOfRun(): number {
  const given = process.env['SEED']
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
}
