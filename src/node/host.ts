import { createHash, randomBytes } from 'node:crypto'
import type { Host, Log } from '../core/ports.ts'

/** The core's needs, met by Node. */
export function nodeHost(log: Log): Host {
  return {
    log,
    clock: {
      now: () => Date.now(),
      after(ms, run) {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    },
    createDigest() {
      const hash = createHash('sha256')
      return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') }
    },
    nextId: idSequence(),
  }
}

/** Ids of time, count, and chance of this life: they sort by age and no two receivers share one. */
function idSequence(): () => string {
  const life = randomBytes(5).toString('hex')
  let count = 0
  return () => {
    count = (count + 1) % 36 ** 4
    return `${Date.now().toString(36).padStart(9, '0')}${count.toString(36).padStart(4, '0')}${life}`
  }
}
