import { ReceiverError } from './errors.ts'
import { safePart } from './upload-path.ts'

/** AMS's message at the end of a stream, once per rendition (text/plain, JSON). */
export interface EndMessage {
  /** The stream's id without rendition. */
  readonly streamId: string
  /** AMS's own idea of the path: its storage folder, the stream's folder and the id. */
  readonly filePath: string
}

/** Reads the end message; throws `end-message-invalid`. */
export function parseEndMessage(bytes: Uint8Array): EndMessage {
  const message = parseJson(bytes)
  if (typeof message !== 'object' || message === null) throw new ReceiverError('end-message-invalid')
  const { streamId, filePath, command } = message as Record<string, unknown>
  const isEnd = typeof command === 'string' && command.toLowerCase() === 'publish_finished'
  if (!isEnd || typeof streamId !== 'string') throw new ReceiverError('end-message-invalid')
  checkId(streamId)
  return { streamId, filePath: typeof filePath === 'string' ? filePath : '' }
}

/** An id is part of file names. */
function checkId(streamId: string): void {
  try {
    safePart(streamId)
  } catch (cause) {
    throw new ReceiverError('end-message-invalid', undefined, { cause })
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new ReceiverError('end-message-invalid', undefined, { cause })
  }
}
