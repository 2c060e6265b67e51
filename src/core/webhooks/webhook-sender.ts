/** A request that tells an event. */
export interface WebhookRequest {
  /** http or https; a user and a password may stand in it, so it belongs in no log. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came back; nothing is made of the body. */
export interface WebhookAnswer {
  readonly status: number
  /** The header of this name, as it came. */
  readonly retryAfter: string | undefined
}

/** Makes the requests: bounded in time, following no redirect. */
export interface WebhookSender {
  /** Resolves with the answer, whatever its status. Throws WebhookError; promptly when `signal` is aborted. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer>
}

/** Why there was no answer: a stable code and a sentence, neither of which tells the URL. */
export class WebhookError extends Error {
  readonly code: 'webhook-timeout' | 'webhook-unreachable' | 'webhook-private-address'

  constructor(code: WebhookError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WebhookError'
    this.code = code
  }
}
