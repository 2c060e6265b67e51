import { createHash, type Hash, randomBytes } from 'node:crypto'
import type { Digest, Host, Log } from '../core/ports.ts'

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
    createDigest: () => digestOf(createHash('sha256')),
    nextId: idSequence(),
  }
}

function digestOf(hash: Hash): Digest {
  return {
    update: (chunk) => void hash.update(chunk),
    hex: () => hash.digest('hex'),
    copy: () => digestOf(hash.copy()),
  }
}

/** Ids of time, count, and chance of this life: they sort by age, and no two receivers share one. */
function idSequence(): () => string {
  const life = randomBytes(5).toString('hex')
  let time = 0
  let count = 0
  return () => {
    const now = Date.now()
    // A clock that is set back must not make a later id sort before an earlier one.
    count = now > time ? 0 : count + 1
    time = Math.max(time, now)
    return `${time.toString(36).padStart(9, '0')}${count.toString(36).padStart(4, '0')}${life}`
  }
}
