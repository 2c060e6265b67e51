import { MAX_RECORDING_NAME, MAX_RECORDING_NAME_BYTES } from '../../../core/limits.ts'
import type { RecordingFormat } from '../../../core/making/order.ts'

const utf8 = new TextEncoder()
/** Control characters, and what would make a path or a URL of the name, or a part of one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
const UNSAFE = /[\u0000-\u001f\u007f?#%:"*<>|]|[/\\]+/g

/**
 * The name that a recording is asked to have, as AMS makes it safe: unsafe characters are `_`, its own extension is dropped, and
 * it is cut to MAX_RECORDING_NAME. Here a leading dot is `_` too. Undefined where nothing is left.
 */
export function safeRecordingName(name: string, format: RecordingFormat): string | undefined {
  const text = safeFileName(name)
  const extension = `.${format}`
  const stem = text.toLowerCase().endsWith(extension) ? text.slice(0, -extension.length) : text
  const short = cut(stem)
  return short === '' ? undefined : short
}

/** A file's name without what is unsafe, of any length. */
export function safeFileName(name: string): string {
  return name.replace(UNSAFE, '_').replace(/^\./, '_')
}

function cut(text: string): string {
  let short = ''
  let bytes = 0
  for (const character of text) {
    bytes += utf8.encode(character).length
    if (bytes > MAX_RECORDING_NAME_BYTES || short.length + character.length > MAX_RECORDING_NAME) break
    short += character
  }
  return short
}
