/** A key that encoders show, and what it opens. */
export interface IngestKey {
  readonly key: string
  /** The one app it opens; undefined opens all. */
  readonly app: string | undefined
  /** The one stream it opens; undefined opens the whole app. */
  readonly stream: string | undefined
}

const ENTRY = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/([A-Za-z0-9._-]+))?=)?(?!\.{1,2}$)([A-Za-z0-9._~-]+)$/

/**
 * Reads `KEY`, `APP=KEY` and `APP/STREAM=KEY`; null when an entry is none of these, or when a key is that of two streams of one
 * app: it would not say whose an upload is. Keys fit into a path unescaped.
 */
export function parseIngestKeys(items: readonly string[]): IngestKey[] | null {
  const keys: IngestKey[] = []
  for (const item of items) {
    const match = ENTRY.exec(item)
    if (match?.[3] === undefined) return null
    keys.push({ key: match[3], app: match[1], stream: match[2] })
  }
  return keys.some((one) => keys.some((other) => isAmbiguous(one, other))) ? null : keys
}

function isAmbiguous(one: IngestKey, other: IngestKey): boolean {
  if (one.stream === undefined || other.stream === undefined) return false
  return one.key === other.key && one.app === other.app && one.stream !== other.stream
}
