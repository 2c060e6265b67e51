import type { IncomingMessage } from 'node:http'
import type { Condition, TestObject, TestObjects } from './objects.ts'
import { S3Error } from './s3-error.ts'

/** A request to the test server, taken apart. */
export interface S3Request {
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** What is answered. */
export interface S3Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

const KEPT =
  /^(content-type|cache-control|content-encoding|x-amz-meta-.+|x-amz-acl|x-amz-storage-class|x-amz-server-side-encryption)$/
/** Uploads in one page of a list. */
const MAX_UPLOADS = 1_000
const NO_CONDITION: Condition = { ifNoneMatch: undefined, ifMatch: undefined }

/** Does what a request asks for, in one step. */
export function operate(objects: TestObjects, request: S3Request, isConditional: boolean): S3Answer {
  const { method, key, query } = request
  if (key === '') return method === 'GET' ? list(objects, query) : { status: 200 }
  if (query.has('uploads') && method === 'POST') return begin(objects, request)
  if (query.has('uploadId')) return ofUpload(objects, request, isConditional)
  if (method === 'PUT') {
    const object = objects.put(key, request.body, kept(request), isConditional ? conditionOf(request) : NO_CONDITION)
    return { status: 200, headers: { etag: object.etag } }
  }
  if (method === 'DELETE') {
    objects.delete(key)
    return { status: 204 }
  }
  const object = objects.get(key)
  if (object === undefined) throw new S3Error(404, 'NoSuchKey')
  return read(object, request)
}

function read(object: TestObject, { method, headers }: S3Request): S3Answer {
  const { bytes, etag, modifiedAt } = object
  const told = { ...object.headers, etag, 'last-modified': new Date(modifiedAt).toUTCString() }
  const size = String(bytes.length)
  if (method === 'HEAD') return { status: 200, headers: { ...told, 'content-length': size } }
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')
  if (range === null) return { status: 200, headers: told, body: bytes }
  const [start, end] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)]
  if (start > end) throw new S3Error(416, 'InvalidRange')
  const contentRange = `bytes ${start}-${end}/${size}`
  return { status: 206, headers: { ...told, 'content-range': contentRange }, body: bytes.subarray(start, end + 1) }
}

function begin(objects: TestObjects, request: S3Request): S3Answer {
  const id = objects.begin(request.key, kept(request))
  return xml('InitiateMultipartUploadResult', `<Key>${escaped(request.key)}</Key><UploadId>${id}</UploadId>`)
}

function ofUpload(objects: TestObjects, request: S3Request, isConditional: boolean): S3Answer {
  const { method, query, body } = request
  const id = query.get('uploadId') ?? ''
  if (method === 'PUT') {
    return { status: 200, headers: { etag: objects.putPart(id, Number(query.get('partNumber')), body) } }
  }
  if (method === 'DELETE') {
    objects.abort(id)
    return { status: 204 }
  }
  const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number))
  const object = objects.complete(id, numbers, isConditional ? conditionOf(request) : NO_CONDITION)
  return xml('CompleteMultipartUploadResult', `<ETag>${escaped(object.etag)}</ETag>`)
}

function list(objects: TestObjects, query: URLSearchParams): S3Answer {
  const prefix = query.get('prefix') ?? ''
  if (query.has('uploads')) return listUploads(objects, prefix, query)
  const after = query.get('continuation-token') ?? ''
  const most = Number(query.get('max-keys') ?? 1000)
  const all = objects.all().filter(({ key }) => key.startsWith(prefix) && (after === '' || isAfter(key, after)))
  const page = all.slice(0, most)
  const more =
    all.length > page.length ? `<NextContinuationToken>${escaped(page.at(-1)?.key ?? '')}</NextContinuationToken>` : ''
  const contents = page.map(
    ({ key, bytes, modifiedAt }) =>
      `<Contents><Key>${escaped(key)}</Key><Size>${bytes.length}</Size><LastModified>${iso(modifiedAt)}</LastModified></Contents>`,
  )
  return xml('ListBucketResult', `<IsTruncated>${more !== ''}</IsTruncated>${more}${contents.join('')}`)
}

function listUploads(objects: TestObjects, prefix: string, query: URLSearchParams): S3Answer {
  const place = (key: string, id: string) => `${key} ${id}`
  const after = place(query.get('key-marker') ?? '', query.get('upload-id-marker') ?? '')
  const all = [...objects.uploads]
    .map(([id, { key, begunAt }]) => ({ id, key, begunAt }))
    .filter(({ id, key }) => key.startsWith(prefix) && isAfter(place(key, id), after))
    .sort((one, other) => (isAfter(place(one.key, one.id), place(other.key, other.id)) ? 1 : -1))
  const page = all.slice(0, MAX_UPLOADS)
  const last = all.length > page.length ? page.at(-1) : undefined
  const more =
    last === undefined
      ? '<IsTruncated>false</IsTruncated>'
      : `<IsTruncated>true</IsTruncated><NextKeyMarker>${escaped(last.key)}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
  const uploads = page.map(
    ({ id, key, begunAt }) =>
      `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId><Initiated>${iso(begunAt)}</Initiated></Upload>`,
  )
  return xml('ListMultipartUploadsResult', more + uploads.join(''))
}

function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0
}

function conditionOf({ headers }: S3Request): Condition {
  return { ifNoneMatch: headers['if-none-match'], ifMatch: headers['if-match'] }
}

function kept({ headers }: S3Request): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT.test(name))) as Record<string, string>
}

/** The XML answer of an operation. */
export function xml(name: string, inner: string, status = 200): S3Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><${name}>${inner}</${name}>`
  return { status, headers: { 'content-type': 'application/xml' }, body }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
