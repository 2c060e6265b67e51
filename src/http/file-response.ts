import type { HonoRequest } from 'hono'
import { ReceiverError } from '../core/errors.ts'
import type { ReadableFile } from '../core/readable-file.ts'
import { parseRange } from './range.ts'

/** Headers that let a player on any site read the answer. */
export const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Range, Date, ETag',
}

/** Answers GET or HEAD of a file: conditions, one range, the body in pieces (RFC 9110 sections 13 and 14). */
export function fileResponse(file: ReadableFile, request: HonoRequest, cacheControl: string): Response {
  const etag = `"${file.etag}"`
  const headers: Record<string, string> = {
    'Content-Type': file.contentType,
    'Cache-Control': cacheControl,
    ETag: etag,
    'Last-Modified': new Date(file.modifiedAt).toUTCString(),
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
    ...CORS,
  }
  if (isNotModified(request, etag, file)) return new Response(null, { status: 304, headers })
  const { size } = file.content
  const ifRange = request.header('if-range')
  // Of methods only GET knows ranges.
  const isAsked = request.method === 'GET' && (ifRange === undefined || ifRange === etag)
  const range = isAsked ? parseRange(request.header('range'), size) : undefined
  if (range === null) throw new ReceiverError('range-not-satisfiable', `bytes */${size}`)
  const { start, end } = range ?? { start: 0, end: size }
  headers['Content-Length'] = String(end - start)
  if (range !== undefined) headers['Content-Range'] = `bytes ${start}-${end - 1}/${size}`
  const status = range === undefined ? 200 : 206
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  const { bytes } = file.content
  const body = bytes === undefined ? readable(file.content.stream(start, end)) : asBody(bytes.subarray(start, end))
  return new Response(body, { status, headers })
}

function isNotModified(request: HonoRequest, etag: string, file: ReadableFile): boolean {
  const tags = request.header('if-none-match')
  if (tags !== undefined) {
    return tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*')
  }
  // A playlist may change twice within the second that a date can tell.
  if (!file.isImmutable) return false
  const since = Date.parse(request.header('if-modified-since') ?? '')
  return Math.floor(file.modifiedAt / 1000) * 1000 <= since
}

/** Not a copy: answers to slow readers share the bytes, which nobody changes. */
function asBody(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}

function readable(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}
