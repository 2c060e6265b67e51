import { createHash, type Hash } from 'node:crypto'
import type { Clock, Digest, Host, Log, Meter } from '../../../src/core/ports.ts'
import type { StaleRule } from '../../../src/core/stale-rule.ts'
import type { StoringRules } from '../../../src/core/storing/storing-rules.ts'
import type { Random } from '../../support/random.ts'

/** What the fake journal, disk and store need of the world they are in. */
export interface Surroundings {
  readonly random: Random
  readonly clock: Clock
  /** Resolves when it has its turn; `slowest` is how much longer than usual it may take: steps, or milliseconds. */
  turn(slowest?: number): Promise<void>
  /** Throws now and then, as a disk that is full or a store that is down. */
  mayFail(chance: number, error: () => Error): void
}

/** A log that nobody reads. */
export const silent: Log = { info() {}, warn() {}, error() {} }

/** A meter that nobody reads. */
export const unread: Meter = { count() {}, lag() {} }

/** What the core needs of its host, in a life of the receiver; ids of later lives sort after those of earlier ones. */
export function simulatedHost(clock: Clock, life: number, log: Log = silent): Host {
  let ids = 0
  return {
    clock,
    log,
    meter: unread,
    random: () => 0.5,
    createDigest: () => digestOf(createHash('sha256')),
    nextId: () => `${String(life).padStart(3, '0')}-${String(++ids).padStart(6, '0')}`,
  }
}

function digestOf(hash: Hash): Digest {
  return {
    update: (chunk) => void hash.update(chunk),
    hex: () => hash.digest('hex'),
    copy: () => digestOf(hash.copy()),
  }
}

/** Everything goes into the store as it comes, and as much may wait for it as there is. */
export const STORING: StoringRules = {
  spool: { maxBytes: Number.POSITIVE_INFINITY, maxAgeMs: Number.POSITIVE_INFINITY },
  when: 'live',
  quietMs: Number.POSITIVE_INFINITY,
  playlistIntervalMs: 1_000,
  playlistCacheControl: 'no-cache',
  objectCacheControl: 'immutable',
}

/** Entries of a block of a recording: so few that short histories have blocks, too. */
export const BLOCK_ENTRIES = 3

/** Live playlists stay as they are, however long nobody updates them. */
export const NEVER_STALE: StaleRule = { afterMs: Number.POSITIVE_INFINITY, action: 'keep' }
