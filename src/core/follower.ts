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
  /** Whether a file that is made has a name already, which is not durable yet. */
  isNameGiven(app: string, stored: string): boolean
}

/** Nobody is told, and nothing is needed. */
const NOBODY: Follower = {
  published: () => {},
  isNeeded: () => false,
  neededFrom: () => Number.POSITIVE_INFINITY,
  isNameGiven: () => false,
}

/** Who follows, once that is known. */
export class Followed implements Follower {
  by: Follower = NOBODY

  published(app: string, name: string, isEnded: boolean): void {
    this.by.published(app, name, isEnded)
  }

  isNameGiven(app: string, stored: string): boolean {
    return this.by.isNameGiven(app, stored)
  }

  isNeeded(app: string, stream: string): boolean {
    return this.by.isNeeded(app, stream)
  }

  neededFrom(app: string, name: string): number {
    return this.by.neededFrom(app, name)
  }
}
