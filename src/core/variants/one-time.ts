import { RENDITION_LAG_MS, RUN_TOGETHER_MS } from '../limits.ts'

/** When a media playlist was live; in ms since the epoch. */
export interface LiveTime {
  readonly isEnded: boolean
  /** When its newest run that is served began. */
  readonly startedAt: number
  /** When it got its newest version, or ended. */
  readonly newestAt: number
  /** In s. */
  readonly targetDuration: number
}

/**
 * Those that are of one time: while one goes on, without those that have not for a while, since the encoder has other renditions
 * by now. When all have ended, those that began or ended together with the last one.
 */
export function ofOneTime<Timed extends LiveTime>(renditions: readonly Timed[]): Timed[] {
  const live = renditions.filter(({ isEnded }) => !isEnded)
  const lastNews = newest(live.length > 0 ? live : renditions, ({ newestAt }) => newestAt)
  const lastStart = newest(renditions, ({ startedAt }) => startedAt)
  return renditions.filter(({ startedAt, newestAt, targetDuration }) => {
    const lag = Math.max(RENDITION_LAG_MS, 3_000 * targetDuration)
    const isOfLastRun = live.length === 0 && startedAt + RUN_TOGETHER_MS > lastStart
    return isOfLastRun || newestAt + lag > lastNews
  })
}

function newest(times: readonly LiveTime[], timeOf: (time: LiveTime) => number): number {
  return Math.max(0, ...times.map(timeOf))
}
