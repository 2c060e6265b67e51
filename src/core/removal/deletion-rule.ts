import type { RuleFor } from '../stream-rule.ts'

/** What is removed by itself. */
export interface DeletionRules {
  /** Whether a stream goes when it has ended, with all that was recorded of it. */
  readonly onEnded: RuleFor<boolean>
  /** How long after its end, in ms. */
  readonly afterMs: number
  /** Whether files go when their encoder deletes them. */
  readonly isMirror: RuleFor<boolean>
}

/** Nothing is. */
export const NOTHING_DELETED: DeletionRules = { onEnded: () => false, afterMs: 0, isMirror: () => false }
