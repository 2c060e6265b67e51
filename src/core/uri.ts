import { MAX_FOLDERS } from './limits.ts'
import { decodePercent, folderOf, leavesFolder } from './upload-path.ts'
import { encoderName, type Mount, parseUploadTarget } from './upload-target.ts'

/** The encoder name a playlist's URI stands for, and whether the URI is one of our own upload URLs. */
export interface ResolvedUri {
  readonly name: string | null
  readonly isUploadUrl: boolean
}

/** A colon before a digit is a time of day in a name (strftime `%H:%M:%S`), which libavformat lists unescaped. */
const SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d)/i

/** Whether a URI may name a segment: relative, or http(s), and staying in its folder. */
export function isSegmentUri(uri: string): boolean {
  if (SCHEME.test(uri) && !/^https?:/i.test(uri)) return false
  const [path, query] = splitQuery(uri)
  return !leavesFolder([...withoutDots(path), query].join('/'))
}

/** Resolves a URI that stands in the playlist uploaded as `playlist`; a name is null when nothing here can match. */
export function resolveUri(uri: string, playlist: string, app: string, mounts: readonly Mount[]): ResolvedUri {
  const isAbsolute = /^https?:/i.test(uri) || uri.startsWith('/')
  try {
    if (isAbsolute) return resolveAbsolute(uri, app, mounts)
    if (SCHEME.test(uri)) return { name: null, isUploadUrl: false }
    const [path, query] = splitQuery(uri)
    const folders = folderOf(playlist).split('/').map(encodeURIComponent)
    const parts = [...folders, ...withoutDots(path)].filter((part) => part !== '')
    const file = /(?:^|&)file=/.test(query) ? parts.slice(0, -1) : parts
    return { name: encoderName(file, query), isUploadUrl: false }
  } catch {
    // An absolute URI is refused only after it was found below one of our endpoints: it may hold a key.
    return { name: null, isUploadUrl: isAbsolute }
  }
}

function resolveAbsolute(uri: string, app: string, mounts: readonly Mount[]): ResolvedUri {
  // A proxy may have put folders before the endpoint.
  const parts = uri.replace(/^https?:\/\/[^/?#]*/i, '').split('/')
  for (let skipped = 0; skipped < Math.min(parts.length, MAX_FOLDERS); skipped++) {
    const target = parseUploadTarget(`/${parts.slice(skipped).join('/')}`, mounts)
    if (target !== null) return { name: target.app === app ? target.name : null, isUploadUrl: true }
  }
  return { name: null, isUploadUrl: false }
}

/** The last part of a URI's path, decoded: what a file of that name would be called. */
export function uriBaseName(uri: string): string {
  const [path] = splitQuery(uri)
  return decodePercent(path.slice(path.lastIndexOf('/') + 1))
}

/** The parts of a path without those that mean the folder itself. */
function withoutDots(path: string): string[] {
  return path.split('/').filter((part) => part !== '.')
}

function splitQuery(uri: string): [string, string] {
  const at = uri.indexOf('?')
  return at < 0 ? [uri, ''] : [uri.slice(0, at), uri.slice(at + 1)]
}

/** The URI of one stored path as seen from the folder of another, percent-encoded (RFC 3986). */
export function relativeUri(from: string, to: string): string {
  const fromParts = folderOf(from).split('/').slice(0, -1)
  const toParts = to.split('/')
  let shared = 0
  while (shared < fromParts.length && shared < toParts.length - 1 && fromParts[shared] === toParts[shared]) shared++
  const up = fromParts.slice(shared).map(() => '..')
  const down = toParts.slice(shared).map(encodeURIComponent)
  return [...up, ...down].join('/')
}

/** The stored path that such a URI leads to, as seen from the folder of another. */
export function storedPath(from: string, uri: string): string {
  const parts = folderOf(from).split('/').slice(0, -1)
  for (const part of splitQuery(uri)[0].split('/')) {
    if (part === '..') parts.pop()
    else parts.push(decodePercent(part))
  }
  return parts.join('/')
}
