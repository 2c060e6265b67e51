import type { StreamEvent } from './stream-event.ts'

/** What the docs say of an event. */
interface EventText {
  /** When it is told, in one sentence. */
  readonly text: string
  /** What its body has besides what every body has. */
  readonly fields: readonly string[]
}

/** Every event: docs/webhooks.md is made from it. */
export const EVENTS: Readonly<Record<StreamEvent['action'], EventText>> = {
  liveStreamStarted: { text: 'A stream is live: its first playlist came, or the first of a new run.', fields: [] },
  liveStreamEnded: {
    text: 'A stream has ended: by its playlist, by a message of its server, or by silence.',
    fields: [],
  },
  vodReady: {
    text: 'A recording was made into a file; where files go into a bucket, it is there.',
    fields: ['vodName', 'vodId', 'duration'],
  },
  recordingStarted: { text: 'The recording of a stream into a file was switched on.', fields: ['vodId', 'fileType'] },
  segmentsMissing: {
    text: 'A stream has ended, and what was recorded of one of its playlists has holes.',
    fields: ['playlist', 'missing'],
  },
  uploadCompleted: { text: 'A file, or all of the recording of a playlist, is in the store.', fields: ['file'] },
}

/** What each field of a body holds. */
export const EVENT_FIELDS: Readonly<Record<string, { readonly value: string; readonly text: string }>> = {
  id: { value: 'text', text: 'Stream id, without its folder.' },
  action: { value: 'text', text: 'The name of the event.' },
  subFolder: { value: 'text', text: 'Folder of the stream; absent where it has none.' },
  app: { value: 'text', text: 'The application.' },
  timestamp: { value: 'text', text: 'When it happened, in milliseconds since the epoch.' },
  vodId: { value: 'text', text: 'Id of the file in the VoD list, as it was told when its recording started.' },
  vodName: { value: 'text', text: 'Name of the file, without folder and extension.' },
  duration: { value: 'text', text: 'How long it plays, in milliseconds.' },
  fileType: { value: 'text', text: '`mp4` or `webm`.' },
  playlist: { value: 'text', text: 'The playlist, below the streams folder.' },
  missing: { value: 'number', text: 'How many segments are missing.' },
  file: { value: 'text', text: 'Name of the file or playlist, below the streams folder.' },
}

const STREAM = { app: 'live', id: 'berlin/cam1', timestamp: 1_795_305_600_123 }
const VOD_ID = 'k2v9w0q3e8r7t1y6u5i4o3p2'

/** One of each, for the docs and the tests. */
export const EVENT_SAMPLES: readonly StreamEvent[] = [
  { ...STREAM, action: 'liveStreamStarted' },
  { ...STREAM, action: 'liveStreamEnded' },
  { ...STREAM, action: 'vodReady', vodId: VOD_ID, vodName: 'cam1_720p', duration: 61_500 },
  { ...STREAM, action: 'recordingStarted', vodId: VOD_ID, fileType: 'mp4' },
  { ...STREAM, action: 'segmentsMissing', playlist: 'berlin/cam1_720p.m3u8', missing: 2 },
  { ...STREAM, action: 'uploadCompleted', file: 'berlin/cam1_720p.mp4' },
]
