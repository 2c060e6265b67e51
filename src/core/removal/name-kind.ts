/** What a name of digits ends with, before its extension. */
const NUMBERED = /^(.*?)(\d+)(\.[A-Za-z0-9]+)$/s
/** Width of a padded number (`%09d`): digits before it are not of it. */
const PADDED = /^(\d*?)0\d{8}$/

/** What the names of files have in common that are numbered in one go: all but the number. Others are their own kind. */
export function nameKind(name: string): string {
  const [, before, digits = '', after] = NUMBERED.exec(name) ?? []
  if (before === undefined) return name
  return `${before}${PADDED.exec(digits)?.[1] ?? ''}\u0001${after}`
}
