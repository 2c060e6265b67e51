import type { RuleFor } from '../stream-rule.ts'

/** What is removed by itself. */
export interface DeletionRules {
  /** Whether a stream goes when it has ended, with all that was recorded of it. */
  readonly onEnded: RuleFor<boolean>
  /** How long after its end, in ms. */
  readonly afterMs: number
  /** Whether files go when their encoder deletes them. */
  readonly isMirror: RuleFor<boolean>
  readonly limits: RecordingLimits
}

/** How long recordings stay, and how much they may take; Infinity: without limit. */
export interface RecordingLimits {
  /** Whether there is any. */
  readonly areSet: boolean
  /** How long what was recorded of a playlist stays, in ms. */
  readonly ms: RuleFor<number>
  /** How much the recordings of a stream may take, all its renditions together, in bytes. */
  readonly bytes: RuleFor<number>
  /** How much those of an app may take, in bytes. */
  readonly appBytes: RuleFor<number>
}

const WITHOUT = () => Number.POSITIVE_INFINITY

/** Recordings stay, whatever they take. */
export const NO_LIMITS: RecordingLimits = { areSet: false, ms: WITHOUT, bytes: WITHOUT, appBytes: WITHOUT }

/** Nothing is. */
export const NOTHING_DELETED: DeletionRules = {
  onEnded: () => false,
  afterMs: 0,
  isMirror: () => false,
  limits: NO_LIMITS,
}
