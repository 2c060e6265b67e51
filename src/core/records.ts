import type { Journal, JournalWrite } from './ports.ts'
import { baseName, folderOf } from './upload-path.ts'

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
  /** SHA-256, lower-case hex; empty where it is not known: of what still arrives, and of what another receiver stored. */
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  /** The stream whose key brought it; empty for keys of a whole app, and without keys. */
  readonly owner: string
  /** Whether the journal itself holds the bytes, until the store has them for good. */
  readonly inline: boolean
  /** Another body may take its place: the policy is to overwrite. */
  readonly isReplaceable?: true
  /** The body still arrives: only its first `size` bytes are durable so far. */
  readonly isOpen?: true
}

/** An upload of a body under an encoder name: what it is served under, and the id that tells when it began. */
export interface Acceptance {
  readonly stored: string
  readonly id: string
  /** The stream whose key brought it; absent for keys of a whole app, and without keys. */
  readonly owner?: string
}

const CHUNK_DIGITS = 6
/** Those of the greatest whole number that is safe. */
const NUMBER_DIGITS = 16

/** Journal keys. A name holds no control character, so U+0001 ends one safely. */
export const keys = {
  /** Encoder name → its Acceptances, oldest first; absent when there is one, stored under the name itself. */
  versions: (app: string, name: string) => `n/${app}/${name}`,
  /** Stored name → StoredObject. */
  object: (app: string, stored: string) => `s/${app}/${stored}`,
  /** Encoder names in sub-folders by their last part. */
  basename: (app: string, base: string, folder: string) => `f/${app}/${base}\u0001${folder}`,
  /** Bytes of a small body. */
  body: (id: string) => `b/${id}`,
  /** Bodies that the store may not have yet → `APP/STORED`; one that it has, and that is kept a little longer, is marked. */
  unstored: (id: string) => `u/${id}`,
  /** Bodies that still arrive and are named already → `APP/STORED`. */
  open: (id: string) => `o/${id}`,
  /** A playlist: what was accepted, what it is bound to, what is served. */
  playlist: (app: string, name: string) => `p/${app}/${name}`,
  /** The sealed chunks of a long playlist, in order. */
  chunks: (app: string, name: string, list: string) => `c/${app}/${name}\u0001${list}`,
  /** One part of a sealed chunk. */
  chunk: (app: string, name: string, list: string, index: number, part: string) =>
    `${keys.chunks(app, name, list)}${String(index).padStart(CHUNK_DIGITS, '0')}${part}`,
  /** The entries of a playlist that have left it or are settled, by their numbers, until they are in a block. */
  archive: (app: string, name: string) => `a/${app}/${name}\u0001`,
  /** Some of them, from a number on. */
  archived: (app: string, name: string, number: number) =>
    keys.archive(app, name) + String(number).padStart(NUMBER_DIGITS, '0'),
  /** What is known of the blocks of a recording, by the numbers of their first entries, and the parts of each. */
  blocks: (app: string, name: string) => `A/${app}/${name}\u0001`,
  block: (app: string, name: string, number: number) =>
    keys.blocks(app, name) + String(number).padStart(NUMBER_DIGITS, '0'),
  blockParts: (app: string, name: string) => `B/${app}/${name}\u0001`,
  blockPart: (app: string, name: string, number: number, part: string) =>
    keys.blockParts(app, name) + String(number).padStart(NUMBER_DIGITS, '0') + part,
  /** The runs of a playlist, by the numbers of their first entries. */
  runs: (app: string, name: string) => `r/${app}/${name}\u0001`,
  run: (app: string, name: string, number: number) =>
    keys.runs(app, name) + String(number).padStart(NUMBER_DIGITS, '0'),
  /** When the newest run of a stream began, in ms since the epoch. */
  newestRun: (app: string, stream: string) => `t/${app}/${stream}`,
  /** Of playlists whose encoder names them by date-time, by the name without: the newest, and each by when it began. */
  newestDated: (app: string, plain: string) => `d/${app}/${plain}`,
  datedRuns: (app: string, plain: string) => `d/${app}/${plain}\u0001`,
  dated: (app: string, plain: string, startedAt: number) =>
    keys.datedRuns(app, plain) + String(startedAt).padStart(NUMBER_DIGITS, '0'),
  /**
   * Served media playlists that a multivariant one can be made of, by the last part of its name and by whose they are: those in a
   * folder and below, those in a folder, and one; and the multivariant one that was made, as the store is to have it.
   */
  renditionsBelow: (app: string, adaptive: string, owner: string, folder: string) =>
    `j/${app}/${adaptive}\u0001${owner}\u0001${folder}`,
  renditionsIn: (app: string, adaptive: string, owner: string, folder: string) =>
    `${keys.renditionsBelow(app, adaptive, owner, folder)}\u0001`,
  rendition: (app: string, adaptive: string, owner: string, name: string) =>
    keys.renditionsIn(app, adaptive, owner, folderOf(name)) + baseName(name),
  madeVariants: (app: string, name: string) => `j/${app}/${name}`,
  /** When the encoder asked for a playlist of its own, since its newest version. */
  asked: (app: string, name: string) => `q/${app}/${name}`,
  /** Streams whose server said that they are over, until their playlists have ended. */
  ended: (app: string, stream: string) => `e/${app}/${stream}`,
  /** Playlists that still wait for something. */
  waiting: (app: string, name: string) => `g/${app}/${name}`,
  /** Refused playlists, oldest first. */
  quarantined: (id: string) => `x/${id}`,
  /** Names in the store that are not this receiver's, and those of files without a number that were removed: none is given again. */
  taken: (app: string, stored: string) => `y/${app}/${stored}`,
  /** Up to which number files were removed whose names are alike but for that. */
  removedTo: (app: string, kind: string) => `H/${app}/${kind}`,
  /** Blocks of names in a shared store that are this receiver's to give. */
  nameBlock: (app: string, block: string) => `h/${app}/${block}`,
  /** What this receiver has claimed of a playlist in a shared store. */
  holding: (app: string, name: string) => `k/${app}/${name}`,
  /** What tells this receiver from others. */
  receiver: 'w/',
  /** Playlists of which the store got some version. */
  written: (app: string, name: string) => `l/${app}/${name}`,
  /** Media playlists that may go on, where silence ends them. */
  live: (app: string, name: string) => `z/${app}/${name}`,
  /** The prefix of a bucket that was found to be this receiver's, and how. */
  ownPrefix: 'v/',
  /** Where files of each kind may lie, as a list of words of the host. */
  places: 'P/',
  /** The newest id of all that the journal may hold. */
  lastId: 'i/',
  /** Served texts that the store may not have yet, each version by itself, so that none is crossed off for another. */
  unstoredPlaylist: (app: string, name: string, version: number | '') => `m/${app}/${name}\u0001${version}`,
  /** Playlists that lead to a stored name which is not called after their own stream. */
  usesIn: (app: string) => `W/${app}/`,
  uses: (app: string, stored: string) => `${keys.usesIn(app)}${stored}\u0001`,
  use: (app: string, stored: string, playlist: string) => keys.uses(app, stored) + playlist,
  /** There once that is known of all playlists. */
  usesKnown: 'U/',
  /** Streams that have ended and go after a while, with their folders. */
  going: (app: string, stream: string) => `E/${app}/${stream}`,
  /** Files that their encoder has deleted, by the names that it gave them. */
  deleted: (app: string, name: string) => `D/${app}/${name}`,
  /** A removal that is not done, by its id, and what is left to be removed: each kind is a letter. */
  removal: (id: string) => `R/${id}`,
  /** Events that are not told yet, by their ids. */
  events: 'K/',
  event: (id: string) => `K/${id}`,
  removalItems: (id: string, kind: string) => `F/${id}\u0001${kind}`,
  removalItem: (id: string, kind: string, name: string) => `F/${id}\u0001${kind}${name}`,
  /** Jobs that are not done, by their ids: files and pictures to be made, and files that were made and go to the bucket. */
  makeJobs: 'J/',
  uploadJobs: 'I/',
  /** When streams were live, and what of that is to be made into files. */
  streamsOf: (app: string) => `S/${app}/`,
  stream: (app: string, stream: string) => `S/${app}/${stream}`,
  /** Files that can be watched on demand, by their ids; and the ids by the names of the files, from before they are made. */
  vodsOf: (app: string) => `V/${app}/`,
  vod: (app: string, vodId: string) => `V/${app}/${vodId}`,
  vodNames: 'N/',
  vodName: (app: string, file: string) => `N/${app}/${file}`,
  /** Names of pictures without their extensions → the stream that has them. */
  picture: (app: string, name: string) => `O/${app}/${name}`,
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

/** Whether an object is served no more: another body has taken its place, or it was removed. */
export function isGone(journal: Journal, app: string, { stored, id }: StoredObject): boolean {
  return readJson<StoredObject>(journal, keys.object(app, stored))?.id !== id
}

/** Behind `APP/STORED` of an unstored body: the store has it, and the bytes kept for it may go. */
const STORED_MARK = '\u0001'

/** Value of an `unstored` key whose body the store has. */
export function storedMark(app: string, stored: string): Uint8Array {
  return toBytes(`${app}/${stored}${STORED_MARK}`)
}

/** What the value of an `unstored` key says. */
export function readUnstored(value: Uint8Array): { app: string; stored: string; isStored: boolean } {
  const text = toText(value)
  const isStored = text.endsWith(STORED_MARK)
  const { app, name } = splitApp(isStored ? text.slice(0, -STORED_MARK.length) : text)
  return { app, stored: name, isStored }
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
