import type { StreamRule } from '../core/stream-rule.ts'

/** The settings of what is removed by itself. */
export interface DeletionSettings {
  readonly S3_SHARED: boolean
  readonly DELETE_HLS_FILES_ON_ENDED: readonly StreamRule<'true' | 'false'>[]
}

/** What is wrong with them, in one sentence; undefined: nothing. A receiver does not know whether a stream goes on at another. */
export function checkDeletion({ S3_SHARED, DELETE_HLS_FILES_ON_ENDED }: DeletionSettings): string | undefined {
  const isOn = DELETE_HLS_FILES_ON_ENDED.some(({ value }) => value === 'true')
  if (!S3_SHARED || !isOn) return undefined
  return 'DELETE_HLS_FILES_ON_ENDED does not go with S3_SHARED: a stream that ends here may go on at another receiver.'
}
