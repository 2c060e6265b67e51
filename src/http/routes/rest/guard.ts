import { isLoopback } from '../../../config/schema.ts'
import { ReceiverError } from '../../../core/errors.ts'
import type { KeyRing } from '../../key-ring.ts'

/** Whom the API lets in. */
export interface GuardRules {
  readonly keys: KeyRing
  /** Whether programs on this machine may manage where there are no admin keys: only if nobody else reaches the listener. */
  readonly isOpen: boolean
}

/** Gives the value of a header, by its name in lower case. */
export type HeaderOf = (name: string) => string | undefined

/** Headers that a proxy adds: whoever asks through one may be anywhere. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/**
 * Lets in who shows an admin key and, where the receiver has none and is open, programs on this machine; a web page of another
 * site never, since a browser would send a password that it remembers. Throws `cross-site-refused`, `admin-key-missing`,
 * `admin-key-invalid`.
 */
export function admit({ keys, isOpen }: GuardRules, header: HeaderOf): void {
  if (isOfOtherSite(header)) throw new ReceiverError('cross-site-refused')
  const authorization = header('authorization')
  if (keys.isAdmin(authorization)) return
  if (keys.hasAdmins && authorization !== undefined) throw new ReceiverError('admin-key-invalid')
  if (keys.hasAdmins || !isOpen || !isOfThisMachine(header)) throw new ReceiverError('admin-key-missing')
}

/** Browsers say so (Fetch Metadata); older ones send Origin (RFC 6454) with all that changes something. */
function isOfOtherSite(header: HeaderOf): boolean {
  const site = header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = header('origin')
  return origin !== undefined && origin.replace(/^https?:\/\//, '') !== header('host')
}

/** A name that was made to point to this machine (DNS rebinding) stands in Host as itself. */
function isOfThisMachine(header: HeaderOf): boolean {
  if (PROXY_HEADERS.some((name) => header(name) !== undefined)) return false
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(header('host') ?? '') ?? []
  return isLoopback(name.replace(/^\[(.*)\]$/, '$1').toLowerCase())
}
