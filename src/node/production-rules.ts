import type { Config } from '../config/schema.ts'
import type { PreviewRules } from '../core/previews/preview-rules.ts'
import type { RecordingRules } from '../core/sessions/recording-rules.ts'
import { type RuleFor, ruleFor, type StreamRule } from '../core/stream-rule.ts'
import type { VodNaming } from '../core/vods/vod-file-name.ts'

/** What of streams is made into files, as the settings say. */
export function recordingRules(config: Config): RecordingRules {
  const isOn = { mp4: isTrue(config.MP4_MUXING_ENABLED), webm: isTrue(config.WEBM_MUXING_ENABLED) }
  const files = ruleFor(config.RECORDING_FILES, 'session')
  return {
    isOn: (app, stream, format) => isOn[format](app, stream),
    isPerRun: (app, stream) => files(app, nameOf(stream)) === 'run',
  }
}

/** How files are named, as the settings say. */
export function vodNaming(config: Config): VodNaming {
  const isDated = isTrue(config.ADD_DATE_TIME_TO_MP4_FILE_NAME)
  return { subfolder: config.RECORDING_SUBFOLDER, isDated, zone: config.DATE_TIME_ZONE }
}

/** What pictures are made of streams, as the settings say. */
export function previewRules(config: Config): PreviewRules {
  return {
    isOn: isTrue(config.GENERATE_PREVIEW),
    periodMs: config.CREATE_PREVIEW_PERIOD,
    height: config.PREVIEW_HEIGHT,
    format: config.PREVIEW_FORMAT,
    quality: config.PREVIEW_QUALITY,
    isOverwriting: config.PREVIEW_OVERWRITE,
  }
}

function isTrue(rules: readonly StreamRule<'true' | 'false'>[]): RuleFor<boolean> {
  const word = ruleFor(rules, 'false')
  return (app, stream) => word(app, nameOf(stream)) === 'true'
}

/** Rules go by names of files, in which an id with a dot would end there. */
function nameOf(stream: string): string {
  return `${stream}.m3u8`
}
