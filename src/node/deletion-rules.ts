import type { Config } from '../config/schema.ts'
import type { DeletionRules, RecordingLimits } from '../core/removal/deletion-rule.ts'
import { ruleFor, type StreamRule } from '../core/stream-rule.ts'

const HOUR_MS = 3_600_000

/** What is removed by itself, as the settings say. */
export function deletionRules(config: Config): DeletionRules {
  const onEnded = ruleFor(config.DELETE_HLS_FILES_ON_ENDED, 'false')
  const retention = ruleFor(config.RETENTION, 'archive')
  return {
    onEnded: (app, name) => onEnded(app, name) === 'true',
    afterMs: config.DELETE_AFTER_SECONDS * 1000,
    isMirror: (app, name) => retention(app, name) === 'mirror',
    limits: recordingLimits(config),
  }
}

/** How long recordings stay, and how much they may take. */
function recordingLimits({ RECORDING_MAX_HOURS, RECORDING_MAX_BYTES, APP_MAX_BYTES }: Config): RecordingLimits {
  const all = [...RECORDING_MAX_HOURS, ...RECORDING_MAX_BYTES, ...APP_MAX_BYTES]
  return {
    areSet: all.some(({ value }) => value > 0),
    ms: limit(RECORDING_MAX_HOURS, HOUR_MS),
    bytes: limit(RECORDING_MAX_BYTES, 1),
    appBytes: limit(APP_MAX_BYTES, 1),
  }
}

/** Numbers of `unit`, of which 0 stands for none. */
function limit(rules: readonly StreamRule<number>[], unit: number) {
  const numberFor = ruleFor(rules, 0)
  return (app: string, name: string) => numberFor(app, name) * unit || Number.POSITIVE_INFINITY
}
