import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { crc32 } from 'node:zlib'
import { S3Error } from './s3-error.ts'

const AWS_CHUNKED = /^STREAMING-UNSIGNED-PAYLOAD-TRAILER$/

/** The body of a request as S3 takes it: whole, as long as it said, with the checksums that it came with. */
export async function readBody(request: IncomingMessage, paced: (bytes: number) => Promise<void>): Promise<Buffer> {
  const { headers } = request
  const length = headers['content-length'] ?? headers['x-amz-decoded-content-length']
  if (length === undefined && request.method === 'PUT') throw new S3Error(411, 'MissingContentLength')
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    await paced(chunk.length)
  }
  if (!request.complete) throw new S3Error(400, 'IncompleteBody')
  const raw = Buffer.concat(chunks)
  const hash = String(headers['x-amz-content-sha256'])
  if (AWS_CHUNKED.test(hash)) return unchunked(raw, Number(headers['x-amz-decoded-content-length']))
  if (/^[0-9a-f]{64}$/.test(hash) && createHash('sha256').update(raw).digest('hex') !== hash) {
    throw new S3Error(400, 'XAmzContentSHA256Mismatch')
  }
  checkHeader(headers['content-md5'], createHash('md5').update(raw).digest('base64'))
  checkHeader(headers['x-amz-checksum-crc32'], crc32Of(raw))
  return raw
}

/** Takes the framing of `aws-chunked` away, and checks the trailing CRC32. */
function unchunked(raw: Buffer, length: number): Buffer {
  const pieces: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = raw.indexOf('\r\n', at)
    const size = Number.parseInt(raw.toString('latin1', at, lineEnd), 16)
    if (lineEnd < 0 || Number.isNaN(size)) throw new S3Error(400, 'InvalidChunkSizeError')
    at = lineEnd + 2
    if (size === 0) break
    pieces.push(raw.subarray(at, at + size))
    at += size + 2
  }
  const body = Buffer.concat(pieces)
  if (body.length !== length) throw new S3Error(400, 'IncompleteBody')
  checkHeader(/x-amz-checksum-crc32:(\S+)/.exec(raw.toString('latin1', at))?.[1], crc32Of(body))
  return body
}

function checkHeader(told: string | string[] | undefined, found: string): void {
  if (told !== undefined && told !== found) throw new S3Error(400, 'BadDigest')
}

function crc32Of(bytes: Buffer): string {
  const value = Buffer.alloc(4)
  value.writeUInt32BE(crc32(bytes))
  return value.toString('base64')
}
