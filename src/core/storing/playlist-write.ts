import { Needs } from './needs.ts'
import type { MayWrite, ReadServed } from './playlist-to-store.ts'

/** A playlist on its way to the store. */
export interface PlaylistWrite {
  readonly key: string
  readonly app: string
  readonly name: string
  read: ReadServed
  mayWrite: MayWrite | undefined
  /** What it names that the store lacks; undefined: nobody knows, after a start. */
  needs: Needs | undefined
  /** The store has not got the newest text as it is served. */
  isBehind: boolean
  /** The store may have more of it than when it was looked at last. */
  hasNews: boolean
  /** Store keys that tell when it has. */
  readonly awaited: Set<string>
  /** The text with holes, or cut, that the store got last. */
  reduced: string | undefined
  isRunning: boolean
  /** The attempt that is made now. */
  putting: Promise<unknown>
}

/** One of which nothing is known yet. */
export function newWrite(key: string, app: string, name: string, read: ReadServed): PlaylistWrite {
  const needs = new Needs()
  return {
    key,
    app,
    name,
    read,
    mayWrite: undefined,
    needs,
    isBehind: false,
    hasNews: false,
    awaited: new Set<string>(),
    reduced: undefined,
    isRunning: false,
    putting: Promise.resolve(),
  }
}
