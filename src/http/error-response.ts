import { ERRORS, type ErrorCode, type ReceiverError } from '../core/errors.ts'

const CHALLENGE = 'Basic realm="hls-receiver", charset="UTF-8"'
/** Seconds after which a retryable failure of ours may be tried again. */
const RETRY_AFTER_SECONDS = 1

/** The answer for an error: a problem document (RFC 9457) with the stable code. */
export function errorResponse(error: ReceiverError, extra: Record<string, string> = {}): Response {
  const { status, text, retryable } = ERRORS[error.code]
  const problem = {
    type: 'about:blank',
    title: text,
    status,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  }
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
    ...(status === 401 ? { 'WWW-Authenticate': CHALLENGE } : {}),
    ...(retryable && status >= 429 ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {}),
    ...extra,
  }
  return new Response(JSON.stringify(problem), { status, headers })
}

/** The same as raw HTTP/1.1, for requests that never became one. */
export function rawErrorResponse(code: ErrorCode): string {
  const { status, text } = ERRORS[code]
  const body = JSON.stringify({ type: 'about:blank', title: text, status, code })
  return [
    `HTTP/1.1 ${status} ${text.replace(/\.$/, '')}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
