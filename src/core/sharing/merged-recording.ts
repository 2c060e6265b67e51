import { hasTag, isEntryLine, tagValue } from '../playlist/tags.ts'

const DISCONTINUITY = '#EXT-X-DISCONTINUITY'

/** One VOD playlist of several, in this order, each of which has all that its entries need. */
export function mergedRecording(texts: readonly string[]): string {
  const parts = texts.map((text) => text.split('\n').filter((line) => line !== ''))
  const most = (tag: string) =>
    Math.max(0, ...parts.map((lines) => Number(tagValue(lines.find((line) => hasTag(line, tag)) ?? '')) || 0))
  const first = tagValue(parts[0]?.find((line) => hasTag(line, '#EXT-X-MEDIA-SEQUENCE')) ?? '') || '0'
  const head = [
    '#EXTM3U',
    `#EXT-X-VERSION:${most('#EXT-X-VERSION')}`,
    `#EXT-X-TARGETDURATION:${most('#EXT-X-TARGETDURATION')}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
  ]
  return [...head, ...bodyOf(parts), '#EXT-X-ENDLIST'].map((line) => `${line}\n`).join('')
}

function bodyOf(parts: readonly (readonly string[])[]): string[] {
  const body: string[] = []
  let hasKey = false
  for (const lines of parts) {
    const entries = lines.filter((line) => !line.startsWith('#') || isEntryLine(line))
    if (entries.length === 0) continue
    if (body.length > 0 && !isJointAhead(entries)) body.push(DISCONTINUITY)
    // What a part does not have must not go on.
    if (hasKey && !hasKeyAhead(entries)) body.push('#EXT-X-KEY:METHOD=NONE')
    for (const line of entries) body.push(line)
    hasKey = entries.some(isKey)
  }
  return body
}

function isJointAhead(entries: readonly string[]): boolean {
  return ahead(entries).some((line) => hasTag(line, DISCONTINUITY))
}

function hasKeyAhead(entries: readonly string[]): boolean {
  return ahead(entries).some(isKey)
}

/** The lines before the first URI. */
function ahead(entries: readonly string[]): readonly string[] {
  return entries.slice(
    0,
    entries.findIndex((line) => !line.startsWith('#')),
  )
}

function isKey(line: string): boolean {
  return hasTag(line, '#EXT-X-KEY')
}
