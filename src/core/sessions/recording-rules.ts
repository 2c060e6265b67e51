import type { RecordingFormat } from '../making/order.ts'

/** What of streams is made into files, where nobody switches it over REST. */
export interface RecordingRules {
  /** Whether a stream is recorded into files of a format (mp4MuxingEnabled, webMMuxingEnabled). */
  isOn(app: string, stream: string, format: RecordingFormat): boolean
  /** Whether each run becomes a file of its own; else all of a session is one. */
  isPerRun(app: string, stream: string): boolean
}
