import { hasTag } from '../playlist/tags.ts'

/**
 * The MAP and KEY lines that must be written where others held before, in their order, which tells what a MAP is encrypted with; what
 * does not hold any more must not go on.
 */
export function changedShared(before: readonly string[], now: readonly string[]): readonly string[] {
  const isKey = (line: string) => hasTag(line, '#EXT-X-KEY')
  const [keys, keysBefore] = [now.filter(isKey), before.filter(isKey)]
  const isEnd = keys.length === 0 && keysBefore.length > 0
  const areNew = !isSameShared(keys, keysBefore)
  const changed = now.filter((line) => (isKey(line) ? areNew : !before.includes(line)))
  return isEnd ? ['#EXT-X-KEY:METHOD=NONE', ...changed] : changed
}

/** Whether two lists of such lines say the same. */
export function isSameShared(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}
