import type { Placing } from '../catalog.ts'

/** Something of a recording that is older than it may be, or too much. */
export interface Expired {
  readonly app: string
  /** Whether it may still go when something is uploaded meanwhile. */
  mayGoAfter(at: Placing): boolean
  /** Removes it, as long as it is wanted; resolves with false where that has to wait. */
  remove(isWanted: () => boolean): Promise<boolean>
}
