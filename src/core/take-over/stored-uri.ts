import { decodePercent, folderOf } from '../upload-path.ts'
import { isSegmentUri } from '../uri.ts'
import { isGivenName } from './found-object.ts'

/** A colon before a digit is a time of day in a name. */
const ELSEWHERE = /^(?:\/|[a-z][a-z0-9+.-]*:(?!\d))/i

/** Whether a URI leads to another host, or to the root of this one. */
export function leadsElsewhere(uri: string): boolean {
  return ELSEWHERE.test(uri)
}

/** The stored name that a relative URI leads to in a playlist of the store; undefined where it leaves the app, or none is given like it. */
export function storedNameOf(playlist: string, uri: string): string | undefined {
  if (leadsElsewhere(uri)) return undefined
  const parts = folderOf(playlist).split('/').slice(0, -1)
  for (const part of uri.replace(/[?#].*$/s, '').split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined
    if (part !== '..' && part !== '.') parts.push(decodePercent(part))
  }
  const name = parts.join('/')
  return isGivenName(name) ? name : undefined
}

/** Whether a playlist of the store may have a URI: it leads to what may be in the store, or to another host. */
export function isAllowedUri(playlist: string): (uri: string) => boolean {
  return (uri) => storedNameOf(playlist, uri) !== undefined || isSegmentUri(uri)
}
