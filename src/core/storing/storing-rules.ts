import type { SpoolLimits } from './spool.ts'

/** How accepted objects and served playlists go into the store. */
export interface StoringRules {
  readonly spool: SpoolLimits
  /** As they come, or when their stream has ended. */
  readonly when: 'live' | 'ended'
  /** A stream that brought nothing for so long has ended, in ms. */
  readonly quietMs: number
  /** Shortest time between two writes of one playlist, in ms (R2 takes one write a second per key). */
  readonly playlistIntervalMs: number
  /** Cache-Control of playlists, and of what may be overwritten. */
  readonly playlistCacheControl: string
  /** Cache-Control of what never changes. */
  readonly objectCacheControl: string
}
