import type { Host } from '../ports.ts'
import { eventBody, type WebhookContentType } from './event-body.ts'
import type { QueuedEvent } from './queued-event.ts'
import { readRetryAfter } from './retry-pause.ts'
import { signatures } from './signature.ts'
import { WebhookError, type WebhookRequest, type WebhookSender } from './webhook-sender.ts'

/** How events are told. */
export interface DeliveryParts {
  readonly host: Host
  readonly sender: WebhookSender
  readonly contentType: WebhookContentType
  /** What requests are signed with; none: they are not signed. */
  readonly secrets: readonly Uint8Array<ArrayBuffer>[]
}

/** Why an event was not taken. */
export interface DeliveryFailure {
  /** Stable. */
  readonly code: WebhookError['code'] | 'webhook-status'
  readonly text: string
  /** No other attempt is wanted. */
  readonly isGone: boolean
  /** How long the answer asked to wait, in ms. */
  readonly retryAfterMs: number
}

/** Status of an address that wants no more of it. */
const GONE = 410

/** Makes one attempt to tell an event; resolves with why it was not taken, or with nothing. */
export async function deliver(
  parts: DeliveryParts,
  url: string,
  queued: QueuedEvent,
  signal: AbortSignal,
): Promise<DeliveryFailure | undefined> {
  const request = await requestOf(parts, url, queued)
  try {
    const { status, retryAfter } = await parts.sender.send(request, signal)
    // AMS takes 200 alone, but receivers answer 204 too.
    if (status >= 200 && status < 300) return undefined
    const retryAfterMs = readRetryAfter(retryAfter, parts.host.clock.now())
    return { code: 'webhook-status', text: `The answer was ${status}.`, isGone: status === GONE, retryAfterMs }
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error
    return { code: error.code, text: error.message, isGone: false, retryAfterMs: 0 }
  }
}

/** The headers of Standard Webhooks: the id stays the same over all attempts, the time is that of this one. */
async function requestOf(parts: DeliveryParts, url: string, queued: QueuedEvent): Promise<WebhookRequest> {
  const { host, contentType, secrets } = parts
  const id = `msg_${queued.id}`
  const seconds = Math.floor(host.clock.now() / 1000)
  const body = eventBody(queued.event, contentType)
  const signed = secrets.length > 0 ? { 'webhook-signature': await signatures(secrets, { id, seconds, body }) } : {}
  const headers = { 'content-type': contentType, 'webhook-id': id, 'webhook-timestamp': String(seconds), ...signed }
  return { url, headers, body }
}
