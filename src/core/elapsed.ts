/**
 * Whether `ms` have gone by since a moment. A clock that was set back by as much counts too: then nobody knows how long it
 * was, and no wait may last for ever.
 */
export function hasPassed(since: number, ms: number, now: number): boolean {
  return Math.abs(now - since) >= ms
}
