import { EXPIRY_STEP } from '../limits.ts'
import type { RecordingLimits } from './deletion-rule.ts'
import type { RecordedPlaylist } from './recorded-playlist.ts'
import { type TakeOldestParts, takeOldest } from './take-oldest.ts'

/** What tells which entries are older than they may be, or too much. */
export interface MarkExpiredParts extends TakeOldestParts {
  readonly limits: RecordingLimits
}

/** Marks what is to go of the playlists of an app, so that each stream, and the app, are within their limits. */
export async function markExpired(
  parts: MarkExpiredParts,
  app: string,
  playlists: readonly RecordedPlaylist[],
): Promise<void> {
  const { limits } = parts
  const streams = new Map<string, RecordedPlaylist[]>()
  for (const each of playlists) {
    const own = streams.get(each.stream) ?? []
    streams.set(each.stream, own)
    own.push(each)
  }
  for (const [stream, own] of streams) {
    const name = `${stream}.m3u8`
    await markOld(parts, own, limits.ms(app, name))
    await markLarge(parts, own, limits.bytes(app, name), { app, stream })
  }
  await markLarge(parts, playlists, limits.appBytes(app, ''), { app })
}

/** Marks what is older than `keptMs`, when some of it is by a step. */
async function markOld(parts: MarkExpiredParts, playlists: readonly RecordedPlaylist[], keptMs: number): Promise<void> {
  const now = parts.clock.now()
  const isDue = ({ at }: RecordedPlaylist) => at !== undefined && at < now - keptMs * (1 + EXPIRY_STEP)
  if (!playlists.some(isDue)) return
  const isEnough = (at: number) => at >= now - keptMs
  await takeOldest(parts, playlists, { isEnough, mayGoWhole: () => true, leastMs: keptMs })
}

/** Marks the oldest where all take more than `maxBytes`, down to a step below. */
async function markLarge(
  parts: MarkExpiredParts,
  playlists: readonly RecordedPlaylist[],
  maxBytes: number,
  fields: Record<string, unknown>,
): Promise<void> {
  if (maxBytes === Number.POSITIVE_INFINITY) return
  const bytes = playlists.reduce((sum, each) => sum + each.bytes, 0)
  const freed = () => playlists.reduce((sum, each) => sum + each.freed, 0)
  if (bytes - freed() <= maxBytes) return
  await takeOldest(parts, playlists, {
    isEnough: (_at, taken) => bytes - taken <= maxBytes * (1 - EXPIRY_STEP),
    mayGoWhole: ({ isOver }) => isOver,
    leastMs: 0,
  })
  const isLeft = parts.budget.entries > 0 && bytes - freed() > maxBytes
  if (isLeft) parts.log.warn('recordings take more than they may', { ...fields, bytes })
}
