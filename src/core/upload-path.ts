import { ReceiverError } from './errors.ts'
import { isFileName } from './file-kind.ts'
import { MAX_FOLDERS, MAX_NAME_BYTES, MAX_PATH_BYTES } from './limits.ts'

const utf8 = new TextEncoder()

/** Decodes percent escapes that form valid UTF-8 and leaves all else as it is: encoders write names with a bare `%`. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/
const DOT_SEGMENT = /^\.{1,2}$/

/**
 * Whether a request target tries to leave its folder: a dot segment, a slash or a backslash hidden in an escape, encoded
 * once or twice. The query counts too, since file names may stand there.
 */
export function leavesFolder(target: string): boolean {
  let text = target
  for (let round = 0; round < 3; round++) {
    if (text.split(/[/\\?&=]/).some((part) => DOT_SEGMENT.test(part))) return true
    const decoded = decodePercent(text)
    if (decoded === text) return false
    text = decoded
  }
  return false
}

/** One decoded part of a path; throws `path-forbidden`, `name-invalid` or `name-too-long`. */
export function safePart(raw: string): string {
  const part = decodePercent(raw)
  const again = decodePercent(part)
  if (/[/\\]/.test(part) || DOT_SEGMENT.test(part) || /[/\\]/.test(again) || DOT_SEGMENT.test(again)) {
    throw new ReceiverError('path-forbidden')
  }
  // A question mark sets a name's query apart, and an escaped one must not pass for it.
  if (part === '' || part.startsWith('.') || part.includes('?') || CONTROL.test(part))
    throw new ReceiverError('name-invalid')
  if (utf8.encode(part).length > MAX_NAME_BYTES) throw new ReceiverError('name-too-long')
  return part
}

/**
 * The path below an app that a list of raw URL parts names: decoded, joined by `/`, at most MAX_FOLDERS folders and
 * MAX_PATH_BYTES bytes. No folder may be named like a media file, so that a path is never both a file and a folder.
 */
export function safePath(rawParts: readonly string[]): string {
  if (rawParts.length === 0) throw new ReceiverError('name-missing')
  const parts = rawParts.map(safePart)
  const folders = parts.slice(0, -1)
  if (folders.length > MAX_FOLDERS) throw new ReceiverError('name-too-long')
  if (folders.some(isFileName)) throw new ReceiverError('name-invalid')
  const path = parts.join('/')
  if (utf8.encode(path).length > MAX_PATH_BYTES) throw new ReceiverError('name-too-long')
  return path
}

/** The folder of a path, with its closing slash; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
