/** What is still to be made of recordings, so that it must not be removed yet. */
export interface Needs {
  /** Whether what was recorded of a stream must not be removed yet; given with its folder. */
  isNeeded(app: string, stream: string): boolean
  /** From which number on the recording of a playlist must not be cut yet; Infinity: nothing of it is needed. */
  neededFrom(app: string, name: string): number
}

/** Who is told what happens to streams, and may need what was recorded of them for a while. */
export interface Follower extends Needs {
  /** A media playlist was published, and may go on, or has ended. Must cost nothing while it goes on. */
  published(app: string, name: string, isEnded: boolean): void
}

/** Nobody is told, and nothing is needed. */
export const NOBODY: Follower = {
  published: () => {},
  isNeeded: () => false,
  neededFrom: () => Number.POSITIVE_INFINITY,
}
