import type { StreamRule } from '../core/stream-rule.ts'

const ENTRY = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/([A-Za-z0-9._-]+))?=)?(.+)$/

/** Reads `WORD`, `APP=WORD` and `APP/STREAM=WORD`, each of one of `words`, see `parseRules`. */
export function parseStreamRules<const Word extends string>(
  items: readonly string[],
  words: readonly Word[],
): StreamRule<Word>[] | null {
  return parseRules(items, (text) => words.find((word) => word === text))
}

/** Reads rules whose values are whole numbers, see `parseRules`. */
export function parseStreamNumbers(items: readonly string[]): StreamRule<number>[] | null {
  return parseRules(items, (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    return Number.isSafeInteger(value) ? value : undefined
  })
}

/** Reads rules whose values are http and https URLs, see `parseRules`; a user and a password may stand in them. */
export function parseStreamUrls(items: readonly string[]): StreamRule<string>[] | null {
  return parseRules(items, (text) => (/^https?:\/\/\S+$/i.test(text) && URL.canParse(text) ? text : undefined))
}

/** Reads `VALUE`, `APP=VALUE` and `APP/STREAM=VALUE`; null when an entry is none of these, or stands for the same as another. */
function parseRules<Value>(
  items: readonly string[],
  read: (text: string) => Value | undefined,
): StreamRule<Value>[] | null {
  const rules: StreamRule<Value>[] = []
  for (const item of items) {
    const [, app, stream, text] = ENTRY.exec(item) ?? []
    const value = text === undefined ? undefined : read(text)
    if (value === undefined || rules.some((rule) => rule.app === app && rule.stream === stream)) return null
    rules.push({ value, app, stream })
  }
  return rules
}
