import { contentTypeOf } from '../file-kind.ts'
import type { PutOptions } from '../object-store.ts'
import type { StoredObject } from '../records.ts'
import type { StoringRules } from './storing-rules.ts'

/** How a stored object is to be put. */
export function putOptions(
  { id, stored, isReplaceable }: Pick<StoredObject, 'id' | 'stored' | 'isReplaceable'>,
  rules: StoringRules,
): PutOptions {
  const cacheControl = isReplaceable === true ? rules.playlistCacheControl : rules.objectCacheControl
  return { contentType: contentTypeOf(stored), cacheControl, token: id }
}
