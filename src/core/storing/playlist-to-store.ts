import type { NamedObjects } from '../playlist-commit.ts'

/** A playlist's newest served text. */
export type ReadServed = () => { readonly bytes: Uint8Array; readonly version: number } | undefined

/** Whether the store's copy of a playlist is this receiver's to write, as it is served now. Throws StorageError. */
export type MayWrite = () => Promise<boolean>

/** A served playlist that is to be brought into the store. */
export interface PlaylistToStore {
  /** The stored names that it leads to; undefined: whatever is still to be stored. */
  readonly names?: NamedObjects | undefined
  /** One that is open goes on; a multivariant one leads to others. */
  readonly stage: 'open' | 'ended' | 'multivariant'
  readonly read: ReadServed
  /** Asked before each writing. */
  readonly mayWrite?: MayWrite | undefined
}
