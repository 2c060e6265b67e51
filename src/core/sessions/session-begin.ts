import type { RecordingFormat } from '../making/order.ts'
import type { JournalWrite } from '../ports.ts'
import type { PictureNames } from '../previews/pictures.ts'
import type { PreviewRules } from '../previews/preview-rules.ts'
import { newVodId } from '../vods/vod-id.ts'
import type { RecordingRules } from './recording-rules.ts'
import type { StreamRecord, Switch, Take } from './stream-record.ts'

/** What is made of a session. */
export interface SessionBegin {
  readonly takes: readonly Take[]
  /** See `Session` and `StreamRecord`. */
  readonly picture?: string
  readonly pictured?: number
  /** Written with it. */
  readonly writes?: readonly JournalWrite[]
}

/** What says what is made of sessions. */
export interface SessionBeginParts {
  readonly rules: RecordingRules
  readonly previews: PreviewRules
  readonly pictures: PictureNames
  /** By chance: from 0 up to and without 1. */
  random(): number
}

const FORMATS: readonly RecordingFormat[] = ['mp4', 'webm']

/** What is made of a session that begins now, as the stream's own switches and the settings say. */
export function sessionBegin(
  { rules, previews, pictures, random }: SessionBeginParts,
  {
    app,
    stream,
    record,
    startedAt,
  }: {
    readonly app: string
    readonly stream: string
    readonly record: StreamRecord
    readonly startedAt: number
  },
): SessionBegin {
  const formats = FORMATS.filter((format) => isOn(record[format], rules.isOn(app, stream, format)))
  const takes = formats.map((format): Take => ({ vodId: newVodId(random), format, height: 0, startedAt }))
  return { takes, ...pictures.next(previews, app, stream, record) }
}

function isOn(own: Switch, ofApp: boolean): boolean {
  return own === 1 || (own === 0 && ofApp)
}
