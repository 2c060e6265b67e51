import { stemOf } from '../names.ts'
import type { Vod } from '../vods/vod.ts'
import type { StreamEvent } from '../webhooks/stream-event.ts'

/** Tells that a file can be watched, as AMS does. */
export function vodEvent(app: string, { streamId, vodId, vodName, duration }: Vod, timestamp: number): StreamEvent {
  return { action: 'vodReady', app, id: streamId, timestamp, vodId, vodName: stemOf(vodName), duration }
}
