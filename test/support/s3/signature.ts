import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The only key pair that the test server knows. */
export const CREDENTIALS = { accessKeyId: 'testkey', secretAccessKey: 'testsecret' }
/** How far the clocks of client and server may differ, in ms, as at AWS. */
const MAX_SKEW_MS = 15 * 60_000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/s3\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

/** The error code that AWS would answer for the signature of a request (Signature Version 4); undefined when it is right. */
export function signatureError(request: IncomingMessage, now: number): string | undefined {
  const [, id, scope = '', names = '', signature] = AUTHORIZATION.exec(request.headers.authorization ?? '') ?? []
  if (id === undefined) return 'AccessDenied'
  if (id !== CREDENTIALS.accessKeyId) return 'InvalidAccessKeyId'
  const date = String(request.headers['x-amz-date'])
  if (Math.abs(timeOf(date) - now) > MAX_SKEW_MS) return 'RequestTimeTooSkewed'
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(request, names))].join('\n')
  return hmac(signingKey(scope), text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

function canonicalRequest(request: IncomingMessage, names: string): string {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const pairs = query === '' ? [] : query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`))
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`)
  const hash = String(request.headers['x-amz-content-sha256'])
  return [request.method, path, pairs.sort().join('&'), headers.join(''), names, hash].join('\n')
}

function signingKey(scope: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${CREDENTIALS.secretAccessKey}`)
  for (const part of scope.split('/')) key = hmac(key, part)
  return key
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** `20261122T120000Z` as ms since the epoch. */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
