import type { StreamRule } from '../core/stream-rule.ts'

const ENTRY = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/([A-Za-z0-9._-]+))?=)?(\w+)$/

/**
 * Reads `WORD`, `APP=WORD` and `APP/STREAM=WORD`, each of one of `words`; null when an entry is none of these, or stands for the same
 * as another.
 */
export function parseStreamRules<const Word extends string>(
  items: readonly string[],
  words: readonly Word[],
): StreamRule<Word>[] | null {
  const rules: StreamRule<Word>[] = []
  for (const item of items) {
    const [, app, stream, text] = ENTRY.exec(item) ?? []
    const value = words.find((each) => each === text)
    if (value === undefined || rules.some((rule) => rule.app === app && rule.stream === stream)) return null
    rules.push({ value, app, stream })
  }
  return rules
}
