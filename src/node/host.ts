import { createHash, type Hash } from 'node:crypto'
import type { Clock, Digest, Host, Log, Meter } from '../core/ports.ts'

/** The longest that a timer of Node can wait, in ms; a longer one would run at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The time of this machine. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** The core's needs, met by Node. */
export function nodeHost(log: Log, meter: Meter, nextId: () => string): Host {
  return {
    log,
    meter,
    random: Math.random,
    clock: nodeClock,
    createDigest: () => digestOf(createHash('sha256')),
    nextId,
  }
}

function digestOf(hash: Hash): Digest {
  return {
    update: (chunk) => void hash.update(chunk),
    hex: () => hash.digest('hex'),
    copy: () => digestOf(hash.copy()),
  }
}
