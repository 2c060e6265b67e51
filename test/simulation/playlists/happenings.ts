import { seededRandom } from '../../support/random.ts'

/** What may happen in a history, and is to happen in many. */
export type Happening =
  | 'restart of the encoder'
  | 'restart of the receiver'
  | 'loss'
  | 'repeat'
  | 'reordering'
  | 'delete'
  | 'retention'
  | 'removal of a stream that has ended'
  | 'return before a removal'
  | 'restart of the receiver before a removal'

/** All of them. */
export const HAPPENINGS: readonly Happening[] = [
  'restart of the encoder',
  'restart of the receiver',
  'loss',
  'repeat',
  'reordering',
  'delete',
  'retention',
  'removal of a stream that has ended',
  'return before a removal',
  'restart of the receiver before a removal',
]

/** What encoders do with segments that have left their lists, and what the receiver does then. */
export type Deletes = 'none' | 'archive' | 'mirror'

/** What the receiver of a history removes. */
export interface RemovalHabits {
  readonly deletes: Deletes
  /** Whether streams go some time after their end. */
  readonly isEndedRemoved: boolean
}

/** Of all histories, those whose streams go after their end. */
const ENDED_REMOVED_PART = 0.35
/** Tells the choice from all others of a history, which stay as they were. */
const ENDED_REMOVED_FORK = -5

/** Most histories have deletes, where encoders have lists that slide, and most of these a receiver that mirrors them. */
export function removalHabitsOf(seed: number): RemovalHabits {
  const deletes = (['none', 'archive', 'mirror', 'mirror'] as const)[seed % 4] ?? 'none'
  const random = seededRandom(seed).fork(ENDED_REMOVED_FORK)
  return { deletes, isEndedRemoved: random.next() < ENDED_REMOVED_PART }
}
