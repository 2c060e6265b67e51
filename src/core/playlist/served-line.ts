import type { UriLookup } from './lookup.ts'
import type { UriSite } from './scan.ts'
import { attributeOf, hasTag } from './tags.ts'
import { sharedBinding, type TimelineEntry } from './timeline.ts'

/** Hexadecimal digits of an initialization vector of AES-128. */
const IV_DIGITS = 32

/** A MAP or KEY line as it holds for an entry; `iv`: the number that an implicit vector is made of, where it must be written. */
export function sharedLine(
  line: string,
  site: UriSite,
  entry: TimelineEntry,
  lookup: UriLookup,
  iv: number | undefined,
): string {
  const written = withUri(line, site, sharedUri(site, entry, lookup))
  return site.role === 'key' && iv !== undefined ? withIv(written, iv) : written
}

function sharedUri(site: UriSite, entry: TimelineEntry, lookup: UriLookup): string {
  const shared = sharedBinding(entry, site.uri)
  if (shared?.bound != null) return lookup.served(shared.bound.stored)
  return site.role === 'map' ? lookup.public(site.uri) : lookup.passedOn(site.uri)
}

/**
 * A KEY line with the initialization vector that it leaves to the media sequence number (RFC 8216bis section 5.2): under
 * another number the segment could not be decrypted.
 */
export function withIv(line: string, number: number): string {
  const format = attributeOf(line, 'KEYFORMAT')?.value ?? 'identity'
  const isImplicit = attributeOf(line, 'IV') === undefined && format === 'identity'
  if (!isImplicit || attributeOf(line, 'METHOD')?.value === 'NONE') return line
  return `${line.trimEnd()},${vectorOf(number)}`
}

/** A KEY line `steps` entries after the one numbered `number`: a vector that is the number counts on. */
export function withCountedIv(line: string, number: number, steps: number): string {
  return line.replace(vectorOf(number), vectorOf(number + steps))
}

function vectorOf(number: number): string {
  return `IV=0x${number.toString(16).padStart(IV_DIGITS, '0')}`
}

/** A line with another URI in its place. */
export function withUri(line: string, site: UriSite, uri: string): string {
  return line.slice(0, site.start) + uri + line.slice(site.end)
}

/** A line of an entry, which keeps the duration that it was served with. */
export function withDuration(line: string, { identity }: TimelineEntry): string {
  if (!hasTag(line, '#EXTINF')) return line
  const duration = identity.slice(0, identity.indexOf(' '))
  return line.replace(/^(\s*#EXTINF:)[^,]*/, (_, tag: string) => tag + duration)
}
