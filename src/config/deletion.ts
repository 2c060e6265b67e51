import type { StreamRule } from '../core/stream-rule.ts'

/** The settings of what is removed by itself. */
export interface DeletionSettings {
  readonly S3_SHARED: boolean
  readonly DELETE_HLS_FILES_ON_ENDED: readonly StreamRule<'true' | 'false'>[]
  readonly RETENTION: readonly StreamRule<'archive' | 'mirror'>[]
  readonly RECORDING_MAX_HOURS: readonly StreamRule<number>[]
  readonly RECORDING_MAX_BYTES: readonly StreamRule<number>[]
  readonly APP_MAX_BYTES: readonly StreamRule<number>[]
}

/** The limits of recordings; 0 stands for none. */
const LIMITS = ['RECORDING_MAX_HOURS', 'RECORDING_MAX_BYTES', 'APP_MAX_BYTES'] as const

/** What is wrong with them, in one sentence; undefined: nothing. A receiver does not know what others have of a stream. */
export function checkDeletion(settings: DeletionSettings): string | undefined {
  const { S3_SHARED, DELETE_HLS_FILES_ON_ENDED, RETENTION } = settings
  if (!S3_SHARED) return undefined
  if (DELETE_HLS_FILES_ON_ENDED.some(({ value }) => value === 'true')) {
    return 'DELETE_HLS_FILES_ON_ENDED does not go with S3_SHARED: a stream that ends here may go on at another receiver.'
  }
  if (RETENTION.some(({ value }) => value === 'mirror')) {
    return 'RETENTION=mirror does not go with S3_SHARED: another receiver may still lead viewers to what is deleted here.'
  }
  const limit = LIMITS.find((name) => settings[name].some(({ value }) => value > 0))
  if (limit !== undefined) {
    return `${limit} does not go with S3_SHARED: another receiver may still lead viewers to what is deleted here.`
  }
  return undefined
}
