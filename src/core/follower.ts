/** Who is told what happens to streams, and may need what was recorded of them for a while. */
export interface Follower {
  /** A media playlist was published, and may go on, or has ended. Must cost nothing while it goes on. */
  published(app: string, name: string, isEnded: boolean): void
  /** Whether what was recorded of a stream must not be removed yet; given with its folder. */
  isNeeded(app: string, stream: string): boolean
  /** Whether a file that is made has a name already, which is not durable yet. */
  isNameGiven(app: string, stored: string): boolean
}

/** Nobody is told, and nothing is needed. */
export const NOBODY: Follower = { published: () => {}, isNeeded: () => false, isNameGiven: () => false }
