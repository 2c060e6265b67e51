import { JobError } from '../jobs/job.ts'
import { decodePercent, folderOf } from '../upload-path.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f/\\]/

/**
 * The stored name that a URI of a playlist leads to as this receiver writes it: relative, percent-encoded, without a query, and below
 * the app. Throws JobError `input-foreign` for any other, which is not told: it may hold a token.
 */
export function inputName(playlist: string, uri: string): string {
  const parts = folderOf(playlist).split('/').slice(0, -1)
  let isOurs = !/[:?#]|(?:^|\/)\.\.$/.test(uri)
  for (const written of uri.split('/')) {
    if (written === '..') {
      if (parts.pop() === undefined) isOurs = false
      continue
    }
    const part = decodePercent(written)
    if (part === '' || part === '.' || part === '..' || UNSAFE.test(part)) isOurs = false
    parts.push(part)
  }
  if (isOurs) return parts.join('/')
  throw new JobError('input-foreign', 'A URI of the recording leads elsewhere.', { retryable: false })
}
