import { Readable } from 'node:stream'
import type { S3Runtime } from '../stores/s3/s3-settings.ts'

/** How long connecting to the store may take, in ms. */
const CONNECT_MS = 5_000
/** How long a connection to the store may be silent, in ms: a store that hangs is a store that is down. */
const SILENT_MS = 10_000
/** Connections to the store: uploads, playlists, and what the receiver reads for itself. */
const MAX_SOCKETS = 256
/** Connections on which viewers are passed what they read; of their own, since they may be as slow as they like. */
const MAX_VIEWER_SOCKETS = 256
/** The SDK's warning that requests queue for a socket, in ms; the receiver bounds what it asks for itself. */
const NO_WARNING_MS = 600_000

/** What an S3 store needs of Node: streams that the SDK can send, and connections with bounds. */
export const nodeS3Runtime: S3Runtime = {
  bodyOf: streamOf,
  requestHandler: {
    connectionTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    socketAcquisitionWarningTimeout: NO_WARNING_MS,
    httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
  },
  viewerHandler: {
    connectionTimeout: CONNECT_MS,
    socketAcquisitionWarningTimeout: NO_WARNING_MS,
    httpAgent: { keepAlive: true, maxSockets: MAX_VIEWER_SOCKETS },
    httpsAgent: { keepAlive: true, maxSockets: MAX_VIEWER_SOCKETS },
  },
}

/**
 * A stream that is never destroyed with an error: the SDK would hand it on to a stream of its own that nobody listens to,
 * which ends the process (facts/s3.md section 2).
 */
function streamOf(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal, onError: (cause: unknown) => void): Readable {
  const iterator = chunks[Symbol.asyncIterator]()
  const stream = new Readable({
    read() {
      iterator.next().then(({ done, value }) => stream.push(done === true ? null : value), onError)
    },
    destroy(error, done) {
      // The source is given up: how it ends is nobody's concern any more.
      void iterator.return?.().catch(() => undefined)
      done(error)
    },
  })
  signal.addEventListener('abort', () => stream.destroy(), { once: true })
  return stream
}
