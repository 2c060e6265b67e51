/**
 * Whether `ms` have gone by since a moment. A clock that was set back by as much counts too: then nobody knows how long it
 * was, and no wait may last for ever.
 */
export function hasPassed(since: number, ms: number, now: number): boolean {
  return Math.abs(now - since) >= ms
}

/** The earliest of any number of moments, more than a call takes arguments; undefined when there is none. */
export function earliest(moments: readonly number[]): number | undefined {
  return moments.reduce<number | undefined>((least, at) => (least === undefined || at < least ? at : least), undefined)
}
