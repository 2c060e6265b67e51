/** Whose fault an error is: the sender of the request, this receiver, or the store behind it. */
export type Fault = 'client' | 'receiver' | 'store'

interface ErrorEntry {
  /** HTTP status of the answer (RFC 9110). */
  readonly status: number
  /** One sentence for people; never holds data of the request. */
  readonly text: string
  readonly fault: Fault
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
}

const client = (status: number, text: string, retryable = false): ErrorEntry => ({
  status,
  text,
  fault: 'client',
  retryable,
})

/** Every error this receiver can answer: stable code → status, text, fault, retryable. docs/errors.md is made from it. */
export const ERRORS = {
  'request-malformed': client(400, 'The request is not well-formed HTTP/1.1.'),
  'name-invalid': client(
    400,
    'The name has a control character, a question mark, a hidden or empty part, or a folder named like a media file.',
  ),
  'name-missing': client(400, 'The request names no file.'),
  'name-too-long': client(414, 'The name is longer than 220 bytes, or the path than 700 bytes or 8 folders.'),
  'content-range-unsupported': client(
    400,
    'A PUT with Content-Range sends a part of a file; files must be sent whole.',
  ),
  'query-invalid': client(
    400,
    'The query asks for a form of the playlist that there is not; there are playlist=vod, playlist=event and playlist=runs.',
  ),
  'clip-range-invalid': client(
    400,
    'A clip is asked for by start= and end=, in seconds since 1970 or as ISO 8601, start before end; one of them may be left out.',
  ),
  'end-message-invalid': client(400, 'The end message is not JSON with streamId and command "publish_finished".'),
  'request-invalid': client(400, 'A part of the path, the query or the body is not as the API describes it.'),
  'form-invalid': client(400, 'The form is broken, too large beside its file, or has no part named "file".'),
  'body-cut': client(400, 'The connection ended before the body did; nothing of it was kept.', true),
  'key-missing': client(401, 'An ingest key is needed: in the path, as Bearer, or as Basic.'),
  'key-invalid': client(401, 'The ingest key is not known.'),
  'admin-key-missing': client(401, 'An admin key (ADMIN_KEYS) is needed: as Bearer, or as Basic.'),
  'admin-key-invalid': client(401, 'The admin key is not known.'),
  'worker-key-missing': client(401, 'The key of the workers (WORKER_KEY) is needed, as Bearer.'),
  'worker-key-invalid': client(401, 'This is not the key of the workers.'),
  'key-scope': client(403, 'The ingest key belongs to another app or stream.'),
  'path-forbidden': client(403, 'The path leaves its folder.'),
  'cross-site-refused': client(403, 'A web page of another site asks for this.'),
  'app-unknown': client(404, 'There is no such app.'),
  'not-found': client(404, 'There is nothing under this path.'),
  'order-unknown': client(404, 'No worker is waited for with this job; it may be soon again.', true),
  'clip-empty': client(404, 'Nothing was recorded at that time.', true),
  'method-not-allowed': client(405, 'This path does not take this method.'),
  'head-stalled': client(408, 'The head of the request took too long.', true),
  'body-stalled': client(408, 'The body made no progress for too long; nothing of it was kept.', true),
  'name-taken': client(409, 'Another file has this name, and the restart policy refuses a second one.'),
  'result-taken': client(409, 'The file of this job has come already.'),
  'body-too-large': client(413, 'The body is larger than the limit for its kind of file.'),
  'file-kind-unsupported': client(415, 'This is not a kind of file that HLS uses.'),
  'body-type-unsupported': client(
    415,
    'The file comes as multipart/form-data in a part named "file", or as the body with its own type, video or audio.',
  ),
  'range-not-satisfiable': client(416, 'The range lies outside the file.'),
  'playlist-invalid': client(422, 'The playlist is not valid; the last good one stays served.'),
  'too-many-uploads': client(429, 'Too many uploads are running.', true),
  'head-too-large': client(431, 'The head of the request is too large.'),
  'internal-error': {
    status: 500,
    text: 'The receiver failed; the cause is in its log.',
    fault: 'receiver',
    retryable: true,
  },
  'storage-unavailable': {
    status: 503,
    text: 'The storage does not take or give bytes at the moment.',
    fault: 'store',
    retryable: true,
  },
  'disk-full': {
    status: 507,
    text: 'There is no space left to accept the file.',
    fault: 'store',
    retryable: true,
  },
  'spool-full': {
    status: 507,
    text: 'Too much waits for the store, or waits for too long.',
    fault: 'store',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>

/** A stable error code, as it stands in `code` of the problem document. */
export type ErrorCode = keyof typeof ERRORS

/** The only error this project throws on purpose; `detail` must never hold a key, a token or an upload URL. */
export class ReceiverError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? ERRORS[code].text : `${ERRORS[code].text} ${detail}`, options)
    this.name = 'ReceiverError'
    this.code = code
    this.detail = detail
  }

  /** HTTP status of the answer. */
  get status(): number {
    return ERRORS[this.code].status
  }
}

/** The same error when it is one of ours, else `internal-error` with the cause kept. */
export function asReceiverError(error: unknown): ReceiverError {
  if (error instanceof ReceiverError) return error
  return new ReceiverError('internal-error', undefined, { cause: error })
}
