/** What may happen in a history, and is to happen in many. */
export type Happening =
  | 'restart of the encoder'
  | 'restart of the receiver'
  | 'loss'
  | 'repeat'
  | 'reordering'
  | 'delete'
  | 'retention'

/** All of them. */
export const HAPPENINGS: readonly Happening[] = [
  'restart of the encoder',
  'restart of the receiver',
  'loss',
  'repeat',
  'reordering',
  'delete',
  'retention',
]

/** What encoders do with segments that have left their lists, and what the receiver does then. */
export type Deletes = 'none' | 'archive' | 'mirror'

/** Most histories have deletes, where encoders have lists that slide, and most of these a receiver that mirrors them. */
export function deletesOf(seed: number): Deletes {
  return (['none', 'archive', 'mirror', 'mirror'] as const)[seed % 4] ?? 'none'
}
