import { pino } from 'pino'
import type { Log } from '../core/ports.ts'

/** Bytes of log gathered before they are written, and how long a line waits at most. */
const BUFFER_BYTES = 4_096
const FLUSH_MS = 500
/** Bytes of log that may wait when nobody reads it; lines beyond are dropped, and counted. */
const MAX_WAITING_BYTES = 1024 * 1024
/** How long the last lines may take, in ms: whoever read the log may be gone, and a synchronous write would wait for ever. */
const LAST_FLUSH_MS = 1_000

/** A log whose lines can be written out at once. */
export interface FlushableLog extends Log {
  /** Resolves when they are, or when nobody takes them for LAST_FLUSH_MS. */
  flush(): Promise<void>
}

/** JSON lines on stdout; the only place that knows pino. */
export function createLog(level: string): FlushableLog {
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    maxLength: MAX_WAITING_BYTES,
  })
  // A log that nobody reads is no reason to stop taking uploads.
  destination.on('error', () => {})
  const logger = pino({ level, base: null, serializers: { cause: pino.stdSerializers.errWithCause } }, destination)
  let dropped = 0
  destination.on('drop', () => dropped++)
  destination.on('drain', () => {
    if (dropped > 0) logger.warn({ lines: dropped }, 'log lines dropped')
    dropped = 0
  })
  const timer = setInterval(() => destination.flush(), FLUSH_MS)
  timer.unref()
  return {
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    flush: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, LAST_FLUSH_MS)
        destination.flush(() => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
}
