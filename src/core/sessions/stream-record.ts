import type { RecordingFormat } from '../making/order.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'

/** Whether a stream is recorded into files: 1 on, -1 off, 0 as its app is (facts of AMS, section 4.1). */
export type Switch = -1 | 0 | 1

/** Where the recording of a playlist was when its session ended. */
export interface PlaylistEnd {
  /** Number of the next entry. */
  readonly number: number
  /** When its newest run had begun, in ms since the epoch. */
  readonly run: number
  /** When that was, in ms since the epoch. */
  readonly at: number
}

/** Numbers of entries by the names of playlists. */
export type Numbers = Readonly<Record<string, number>>

/** Files that are to be made of a session: one of each rendition, or of each run. */
export interface Take {
  /** Id of the first of them. */
  readonly vodId: string
  readonly format: RecordingFormat
  /** Lines of the rendition; 0: all renditions. */
  readonly height: number
  /** In place of the stream's id in the names of the files. */
  readonly fileName?: string
  /** When it began, in ms since the epoch. */
  readonly startedAt: number
  /** From where on, where it began while its stream was live; of a playlist that came later, from its first entry in the session. */
  readonly from?: Numbers
  /** Below which numbers, where it was ended while its stream was live. */
  readonly to?: Numbers
}

/** One time that a stream is live, over all interruptions. */
export interface Session {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Its media playlists, and the numbers that they began with. */
  readonly playlists: Numbers
  readonly takes: readonly Take[]
  /** Name of its pictures below the previews folder, without what follows; absent: none are made. */
  readonly picture?: string
}

/** What is known of a stream, live or not. */
export interface StreamRecord {
  readonly title?: string
  readonly mp4: Switch
  readonly webm: Switch
  /** When it began to be live last, in ms since the epoch; 0: never. */
  readonly startedAt: number
  /** While it is live. */
  readonly session?: Session
  /** Below which numbers its pictures have theirs; 0 stands for none behind the stream's own name. */
  readonly pictured?: number
  /** Of the playlists that were live last. */
  readonly ends: Readonly<Record<string, PlaylistEnd>>
}

/** A stream of which nothing is known. */
export const NEW_STREAM: StreamRecord = { mp4: 0, webm: 0, startedAt: 0, ends: {} }

/** What is known of a stream, given with its folder; undefined: nothing. */
export function readStream(journal: Journal, app: string, stream: string): StreamRecord | undefined {
  return readJson<StreamRecord>(journal, keys.stream(app, stream))
}

/** Writes down what is known of a stream. */
export function streamWrite(app: string, stream: string, record: StreamRecord): JournalWrite {
  return jsonWrite(keys.stream(app, stream), record)
}

/** Forgets when a stream was live that is removed; what somebody chose for it, and the names of its pictures, stay. */
export function forgetWrites(journal: Journal, app: string, stream: string): JournalWrite[] {
  const record = readStream(journal, app, stream)
  if (record === undefined || record.session !== undefined) return []
  const { mp4, webm, title, pictured } = record
  const isPlain = mp4 === 0 && webm === 0 && title === undefined && pictured === undefined
  return isPlain
    ? [{ key: keys.stream(app, stream), value: null }]
    : [streamWrite(app, stream, { ...record, ends: {} })]
}
