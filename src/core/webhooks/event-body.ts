import { baseName, folderOf } from '../upload-path.ts'
import type { StreamEvent } from './stream-event.ts'

/** How a body is written. */
export type WebhookContentType = 'application/json' | 'application/x-www-form-urlencoded'

/** The body that tells an event, with the fields that AMS has (facts of AMS, section 7); blank ones are left out. */
export function eventBody(event: StreamEvent, contentType: WebhookContentType): string {
  const fields = Object.entries(fieldsOf(event)).filter(([, value]) => value !== '')
  if (contentType === 'application/json') return JSON.stringify(Object.fromEntries(fields))
  return new URLSearchParams(fields.map(([name, value]) => [name, String(value)])).toString()
}

/** AMS writes times as text, and its ids have no folder. */
function fieldsOf(event: StreamEvent): Record<string, string | number> {
  const { id, action, app, timestamp, ...told } = event
  return {
    id: baseName(id),
    action,
    subFolder: folderOf(id).slice(0, -1),
    ...told,
    ...('duration' in told ? { duration: String(told.duration) } : {}),
    app,
    timestamp: String(timestamp),
  }
}
