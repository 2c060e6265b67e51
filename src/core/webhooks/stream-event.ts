import type { JournalWrite } from '../ports.ts'

interface EventOf<Action extends string> {
  readonly action: Action
  readonly app: string
  /** Stream id, with its folder. */
  readonly id: string
  /** When it happened, in ms since the epoch. */
  readonly timestamp: number
}

/** A recording that was made into a file, as AMS's `vodReady` tells it. */
interface VodEvent {
  readonly vodId: string
  /** File name without folders and without extension. */
  readonly vodName: string
  /** How long it plays, in ms. */
  readonly duration: number
}

/** What happened to a stream, for those who asked to be told (facts of AMS, section 7, and what its users ask for). */
export type StreamEvent =
  | EventOf<'liveStreamStarted'>
  | EventOf<'liveStreamEnded'>
  | (EventOf<'vodReady'> & VodEvent)
  /** `fileType`: mp4 or webm. */
  | (EventOf<'recordingStarted'> & { readonly vodId: string; readonly fileType: string })
  /** Holes in what was recorded of a playlist in the session that has ended. */
  | (EventOf<'segmentsMissing'> & { readonly playlist: string; readonly missing: number })
  /** A file, or all of a playlist's recording, is in the store; `file`: its name below the streams folder. */
  | (EventOf<'uploadCompleted'> & { readonly file: string })

/** Where events go: durable with what is committed in the same batch, sent in order per stream afterwards. */
export interface EventQueue {
  /** What makes the event durable, as far as anybody asked to be told of it; to be committed in one batch with what it tells of. */
  writes(event: StreamEvent): readonly JournalWrite[]
  /** Has sent what was committed meanwhile. */
  wake(): void
}
