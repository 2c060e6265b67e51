import { hasTag } from '../playlist/tags.ts'

/** The MAP and KEY lines that must be written where others held before; what does not hold any more must not go on. */
export function changedShared(before: readonly string[], now: readonly string[]): readonly string[] {
  const isKey = (line: string) => hasTag(line, '#EXT-X-KEY')
  const [keys, keysBefore] = [now.filter(isKey), before.filter(isKey)]
  const isSame = keys.length === keysBefore.length && keys.every((line, index) => line === keysBefore[index])
  const changedKeys = isSame ? [] : keys.length > 0 ? keys : ['#EXT-X-KEY:METHOD=NONE']
  return [...changedKeys, ...now.filter((line) => !isKey(line) && !before.includes(line))]
}

/** Whether two lists of such lines say the same. */
export function isSameShared(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}
