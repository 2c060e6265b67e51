import { fileKind, isFileName } from '../file-kind.ts'
import type { ObjectHead } from '../object-store.ts'
import { toBytes } from '../records.ts'
import { isAppName } from '../upload-target.ts'

/** An object that was found in a store, as it is served: by its app and its stored name. */
export interface FoundObject extends ObjectHead {
  readonly app: string
  readonly name: string
}

/** Longest name of a file that is given with an id in it, in bytes of UTF-8: that of most file systems. */
const MAX_PART_BYTES = 255

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const NEVER_GIVEN = /^\.|[\u0000-\u001f\u007f?\\]/

/** Whether a stored name is one that a receiver gives: whatever else lies in a store is somebody else's. */
export function isGivenName(name: string): boolean {
  const parts = name.split('/')
  const isGood = (part: string) => part !== '' && !NEVER_GIVEN.test(part) && toBytes(part).length <= MAX_PART_BYTES
  return parts.every(isGood) && !parts.slice(0, -1).some(isFileName)
}

/** Whether a receiver may have put an object of this app and name into the store. */
export function isGiven({ app, name }: Pick<FoundObject, 'app' | 'name'>): boolean {
  return isAppName(app) && fileKind(name) !== undefined && isGivenName(name)
}
