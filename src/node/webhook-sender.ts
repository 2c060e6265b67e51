import { lookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { WEBHOOK_ANSWER_BYTES } from '../core/limits.ts'
import { WebhookError, type WebhookRequest, type WebhookSender } from '../core/webhooks/webhook-sender.ts'
import { isPublicAddress } from './public-address.ts'

/** How requests are made. */
export interface SenderOptions {
  /** How long one may take until its answer is there, in ms. */
  readonly timeoutMs: number
  /** This machine and private networks may be reached. */
  readonly allowPrivate: boolean
}

/** Makes the requests of webhooks, each on a connection of its own. */
export function webhookSender(options: SenderOptions): WebhookSender {
  return {
    async send(request, signal) {
      const timeout = AbortSignal.timeout(options.timeoutMs)
      try {
        const response = await responseTo(request, AbortSignal.any([signal, timeout]), options.allowPrivate)
        await drop(response)
        return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }
      } catch (cause) {
        if (timeout.aborted) throw new WebhookError('webhook-timeout', 'There was no answer in time.', { cause })
        throw webhookError(cause)
      }
    },
  }
}

/** The host of a URL as it is looked up: an IPv6 address without its brackets. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '')
}

function responseTo(
  { url, headers, body }: WebhookRequest,
  signal: AbortSignal,
  allowPrivate: boolean,
): Promise<IncomingMessage> {
  const host = hostOf(url)
  // An address is not looked up.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(privateAddress())
  return new Promise((resolve, reject) => {
    const target = new URL(url)
    const begin = target.protocol === 'https:' ? httpsRequest : httpRequest
    const sent = begin(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'hls-receiver' },
      agent: false,
      signal,
      rejectUnauthorized: true,
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    })
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Looks up the public addresses of a name. The connection is made to what this gives, so that a name cannot lead elsewhere afterwards. */
const publicLookup: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, [])
    const addresses = found.filter(({ address }) => isPublicAddress(address))
    const [first] = addresses
    if (first === undefined) callback(privateAddress(), [])
    else if (options.all === true) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

/** Reads the body as far as it is worth it; the status is there already, however the body ends. */
function drop(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > WEBHOOK_ANSWER_BYTES) response.destroy()
    })
    response.on('error', () => resolve())
    response.on('close', () => resolve())
  })
}

function privateAddress(): WebhookError {
  return new WebhookError('webhook-private-address', 'The address is not public: WEBHOOK_ALLOW_PRIVATE allows it.')
}

/** Errors of Node tell by their code what went wrong; their texts may hold more than is to be logged. */
function webhookError(cause: unknown): WebhookError {
  if (cause instanceof WebhookError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  return new WebhookError('webhook-unreachable', `The request failed: ${code}.`, { cause })
}
