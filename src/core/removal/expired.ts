/** Something of a recording that is older than it may be, or too much. */
export interface Expired {
  /** Removes it, as long as it is wanted; resolves with false where that has to wait. */
  remove(isWanted: () => boolean): Promise<boolean>
  /** It is not to go any more. */
  stop(): void
}
