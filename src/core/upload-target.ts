import { fileKind } from './file-kind.ts'
import { decodePercent, safePart, safePath } from './upload-path.ts'

/** An upload endpoint: `/:app/hls-upload` (app null: the first part of the path names it) or `/hls-stream` for one app. */
export interface Mount {
  readonly app: string | null
  /** The literal parts, at least one. */
  readonly parts: readonly string[]
}

/** What the target of an upload request names. */
export interface UploadTarget {
  readonly app: string
  /** The encoder name: the decoded path below the endpoint; null for the endpoint itself. */
  readonly name: string | null
  /** The key in the path (`/k/KEY/`) or in YouTube's `cid`, if any. */
  readonly key: string | undefined
}

/** The endpoint that AMS itself has. */
export const DEFAULT_MOUNT: Mount = { app: null, parts: ['hls-upload'] }

const APP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Whether a text can name an app; `k` is taken by keys in the path. */
export function isAppName(text: string): boolean {
  return APP_NAME.test(text) && text !== 'k'
}

/** Reads the raw target of a request (path and query, or an absolute URL) against the endpoints; null when none fits. */
export function parseUploadTarget(target: string, mounts: readonly Mount[]): UploadTarget | null {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  const queryAt = path.indexOf('?')
  const query = queryAt < 0 ? '' : path.slice(queryAt + 1)
  const parts = (queryAt < 0 ? path : path.slice(0, queryAt)).split('/').filter((part) => part !== '')
  for (const mount of mounts) {
    const found = matchMount(parts, mount)
    if (found !== null) {
      return { ...found, name: encoderName(found.rest, query), key: found.key ?? keyInQuery(query) }
    }
  }
  return null
}

interface MountMatch {
  readonly app: string
  readonly key: string | undefined
  readonly rest: readonly string[]
}

function matchMount(parts: readonly string[], mount: Mount): MountMatch | null {
  let at = 0
  const app = mount.app ?? parts[at++]
  if (app === undefined || !isAppName(app)) return null
  let key: string | undefined
  if (parts[at] === 'k' && mount.parts[0] !== 'k') {
    key = decodePercent(parts[at + 1] ?? '')
    at += 2
  }
  for (const literal of mount.parts) if (parts[at++] !== literal) return null
  return { app, key, rest: parts.slice(at) }
}

/**
 * The encoder name of the parts below an endpoint and a query: the query's `file` where it has one (YouTube style); path
 * and query together where libavformat cut the query into a segment name (`s.m3u8?token=abc0.ts`); else the path.
 */
export function encoderName(rest: readonly string[], query: string): string | null {
  const file = queryValue(query, 'file')
  if (file !== undefined) return safePath([...rest, ...file.split(/\/|%2f/i)])
  if (rest.length === 0) return null
  const path = safePath(rest)
  const kindOfQuery = fileKind(query)
  if (kindOfQuery !== undefined && kindOfQuery !== fileKind(path)) return `${path}?${safePart(query)}`
  return path
}

function keyInQuery(query: string): string | undefined {
  const cid = queryValue(query, 'cid')
  return cid === undefined ? undefined : decodePercent(cid)
}

function queryValue(query: string, name: string): string | undefined {
  const prefix = `${name}=`
  return query
    .split('&')
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length)
}
