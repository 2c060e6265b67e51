/** One body that left an encoder. */
export interface RecordedBody {
  /** The encoder name: its decoded path below the endpoint, with the query where that is not YouTube's `file`. */
  readonly name: string
  /** When it began and when it had properly ended, in ms of one clock; not whole: undefined. */
  readonly startedAt: number
  readonly wholeAt: number | undefined
  /** Everything of it that was sent. */
  readonly bytes: Uint8Array
}

/** What an encoder sent, kept apart from the receiver that it went to. */
export interface Recording {
  /** Every upload that a receiver may accept, in the order in which the encoder began to send them. */
  readonly bodies: readonly RecordedBody[]
  /**
   * When the bytes of a body up to and without `end` had been sent to the receiver under test; with `end` undefined, all of
   * it and its proper end. In ms since the epoch; undefined: not yet, or never.
   */
  sentAt(body: RecordedBody, end: number | undefined): number | undefined
}

/** The encoder name that an upload's target, or a URI in one of its playlists, stands for. */
export function encoderNameOf(target: string): string {
  const below = target
    .replace(/^https?:\/\/[^/]*/, '')
    .replace(/^.*\/hls-upload\//, '')
    .replace(/^\//, '')
  const file = /[?&]file=([^&]*)/.exec(below)?.[1]
  return decoded(file ?? below)
}

/** The path of a playlist below /:app/streams/, given its encoder name: a query is no part of it. */
export function servedNameOf(name: string): string {
  return name.replace(/\?.*$/s, '')
}

/** Whether a body is a playlist (RFC 8216bis section 4.1). */
export function isPlaylistBody(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 7)) === '#EXTM3U'
}

/** Encoders list names unescaped, or half escaped: `my stream%20é+0.ts`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
