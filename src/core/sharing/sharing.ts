import type { ObjectStore } from '../object-store.ts'
import type { Floor } from '../playlist/floor.ts'
import type { Host, Journal } from '../ports.ts'
import { ClaimStore } from './claim-store.ts'
import { NameBlocks } from './name-blocks.ts'
import { PlaylistClaims, type TermNumbers } from './playlist-claims.ts'

/** How a store is shared with other receivers, each of which may have any stream next. */
export interface Sharing {
  readonly isShared: boolean
  /** Finds out whether the name of an upload is this receiver's to give; never rejects, and waits for a moment only. */
  claimName(app: string, name: string): Promise<void>
  /** Whether a stored name is this receiver's to give. */
  isOwnName(app: string, stored: string): boolean
  /** Where the numbers of a playlist go on that another receiver had before; undefined: nobody did. */
  floor(app: string, name: string): Floor | undefined
  /** Claims a playlist that an encoder sends here, unless it is this receiver's; never rejects, and waits for a moment only. */
  claim(app: string, name: string): Promise<void>
  /** Looks whether another receiver has claimed it since; never rejects, and waits for a moment only. */
  look(app: string, name: string): Promise<void>
  /** Whether the store's copy of a playlist, whose last entry has this number (undefined: it has none), is this receiver's to write. Throws StorageError. */
  mayWrite(app: string, name: string, last: number | undefined): Promise<boolean>
  /** The stretches in which a playlist was this receiver's, oldest first. */
  terms(app: string, name: string): readonly TermNumbers[]
}

/** The store is this receiver's alone. */
export const NOT_SHARED: Sharing = {
  isShared: false,
  claimName: async () => undefined,
  isOwnName: () => true,
  floor: () => undefined,
  claim: async () => undefined,
  look: async () => undefined,
  mayWrite: async () => true,
  terms: () => [],
}

/** Names and numbers are claimed in the store; `receiver` tells this one from all others, over restarts. */
export function sharedBy(receiver: string, host: Host, journal: Journal, store: ObjectStore): Sharing {
  const claims = new ClaimStore(store, host.clock, receiver)
  const names = new NameBlocks(host, journal, store, claims)
  const playlists = new PlaylistClaims(host, journal, store, claims)
  return {
    isShared: true,
    claimName: (app, name) => names.claim(app, name),
    isOwnName: (app, stored) => names.isOwn(app, stored),
    floor: (app, name) => playlists.floor(app, name),
    claim: (app, name) => playlists.claim(app, name),
    look: (app, name) => playlists.look(app, name),
    mayWrite: (app, name, last) => playlists.mayWrite(app, name, last),
    terms: (app, name) => playlists.terms(app, name),
  }
}
