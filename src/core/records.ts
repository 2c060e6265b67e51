import type { Journal, JournalWrite } from './ports.ts'

/** An accepted body as the journal knows it. */
export interface StoredObject {
  /** The encoder name it came under. */
  readonly name: string
  /** The one name it is served under, below its app. */
  readonly stored: string
  /** Opaque id of the body. */
  readonly id: string
  /** Bytes. */
  readonly size: number
  /** SHA-256, lower-case hex. */
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  /** The stream whose key brought it; empty for keys of a whole app, and without keys. */
  readonly owner: string
  /** Whether the journal itself holds the bytes. */
  readonly inline: boolean
}

/** A playlist as served: `version` counts up with each publication. */
export interface PublishedPlaylist {
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
  /** The encoder's own text that it was made from. */
  readonly raw: string
  /** The served text. */
  readonly text: string
}

/** Journal keys. A name holds no control character, so U+0001 ends one safely. */
export const keys = {
  /** Encoder name → stored names of all bodies that came under it, oldest first; absent when that is just the name itself. */
  versions: (app: string, name: string) => `n/${app}/${name}`,
  /** Stored name → StoredObject. */
  object: (app: string, stored: string) => `s/${app}/${stored}`,
  /** Encoder names in sub-folders by their last part. */
  basename: (app: string, base: string, folder: string) => `f/${app}/${base}\u0001${folder}`,
  /** Bytes of a small body. */
  body: (id: string) => `b/${id}`,
  /** Bodies that the store may not have yet → `APP/STORED`. */
  unstored: (id: string) => `u/${id}`,
  /** The newest accepted text of a playlist. */
  accepted: (app: string, name: string) => `p/${app}/${name}`,
  /** The served text of a playlist. */
  published: (app: string, name: string) => `q/${app}/${name}`,
  /** Playlists whose newest accepted text is not served yet. */
  waiting: (app: string, name: string) => `g/${app}/${name}`,
  /** Served texts that the store may not have yet, each version by itself, so that none is crossed off for another. */
  unstoredPlaylist: (app: string, name: string, version: number | '') => `m/${app}/${name}\u0001${version}`,
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text to journal bytes. */
export function toBytes(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Journal bytes to text. */
export function toText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** A journal write of a JSON record. */
export function jsonWrite(key: string, record: unknown): JournalWrite {
  return { key, value: encoder.encode(JSON.stringify(record)) }
}

/** A JSON record of the journal, trusted because only `jsonWrite` makes them. */
export function readJson<T>(journal: Journal, key: string): T | undefined {
  const bytes = journal.get(key)
  return bytes === undefined ? undefined : (JSON.parse(decoder.decode(bytes)) as T)
}

/** A published playlist as journal bytes: a line of numbers, then the encoder's text, then the served one. */
export function encodePublished(playlist: PublishedPlaylist): Uint8Array {
  const { version, publishedAt, raw, text } = playlist
  return encoder.encode(`${version} ${publishedAt} ${raw.length}\n${raw}${text}`)
}

/** Reads what `encodePublished` wrote. */
export function decodePublished(bytes: Uint8Array): PublishedPlaylist {
  const all = decoder.decode(bytes)
  const lineEnd = all.indexOf('\n')
  const [version = 0, publishedAt = 0, rawLength = 0] = all.slice(0, lineEnd).split(' ').map(Number)
  const rawEnd = lineEnd + 1 + rawLength
  return { version, publishedAt, raw: all.slice(lineEnd + 1, rawEnd), text: all.slice(rawEnd) }
}

/** Splits `APP/NAME`. */
export function splitApp(path: string): { app: string; name: string } {
  const slash = path.indexOf('/')
  return { app: path.slice(0, slash), name: path.slice(slash + 1) }
}

/** The version at the end of an `unstoredPlaylist` key. */
export function versionOfMark(key: string): number {
  return Number(key.slice(key.indexOf('\u0001') + 1))
}

/** Splits `APP/NAME` behind a journal prefix of two characters, and before U+0001. */
export function splitAppKey(key: string): { app: string; name: string } {
  const [path = ''] = key.slice(2).split('\u0001')
  return splitApp(path)
}
