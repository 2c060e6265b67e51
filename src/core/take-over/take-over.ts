import { plainName } from '../archive/runs.ts'
import { Catalog } from '../catalog.ts'
import { ReceiverError } from '../errors.ts'
import { fileKind } from '../file-kind.ts'
import { MAX_PLAYLIST_BYTES } from '../limits.ts'
import { objectContent } from '../object-content.ts'
import type { ObjectStore } from '../object-store.ts'
import { OpenBodies } from '../open-bodies.ts'
import { concat } from '../piece-buffer.ts'
import { UriLookup } from '../playlist/lookup.ts'
import { type ReadUpload, readWhole } from '../playlist-reading.ts'
import { lastServed, parsePlaylistRecord } from '../playlist-record.ts'
import type { BodyFiles, Host, Journal } from '../ports.ts'
import { keys } from '../records.ts'
import { Leaving } from '../removal/leaving.ts'
import { LowestNumbers } from '../removal/removed-names.ts'
import type { PolicyFor } from '../restart-policy.ts'
import { storeKey } from '../storing/store-key.ts'
import type { FoundObject } from './found-object.ts'
import { FoundPlaylists, type PlaylistFamily } from './found-playlists.ts'
import { takenNames, takenObjects } from './learn-names.ts'
import { isRefusal } from './refusal.ts'
import { type RunText, runTextOf } from './run-texts.ts'
import { isAllowedUri, storedNameOf } from './stored-uri.ts'
import { MediaTakeUp } from './take-up-media.ts'
import type { TakeUpParts } from './take-up-parts.ts'
import { takeUpVariants, wasMade } from './take-up-variants.ts'

/** What a receiver takes the place of another with. */
export interface TakeOverParts {
  readonly host: Pick<Host, 'log' | 'nextId'>
  readonly journal: Journal
  readonly files: BodyFiles
  readonly store: ObjectStore
  /** IANA time zone of the names of runs. */
  readonly zone: string
  readonly policyFor: PolicyFor
  /** Whether the recordings are another's, and go on here; else only the names are learned. */
  readonly isTakenUp: boolean
  /** Everything in the store. */
  readonly found: AsyncIterable<readonly FoundObject[]>
}

/**
 * Learns every name in a store, so that none is given again, and takes up what was recorded there, as if this receiver had recorded it:
 * before anything may be uploaded. Done again after it was interrupted, it comes to the same. Throws StorageError.
 */
export async function takeOver(parts: TakeOverParts): Promise<{ readonly names: number; readonly playlists: number }> {
  const { journal, host, isTakenUp, found, policyFor } = parts
  const naming = { nextId: () => host.nextId(), policyFor }
  const playlists = new FoundPlaylists()
  const lowest = new LowestNumbers()
  let names = 0
  for await (const page of found) {
    const objects = isTakenUp ? takenObjects(journal, page, naming) : []
    await journal.commit([...takenNames(journal, page), ...objects])
    if (isTakenUp) playlists.add(page)
    for (const { app, name } of isTakenUp ? page : []) if (fileKind(name) === 'segment') lowest.add(app, name)
    names += page.length
  }
  // Players and CDNs may still hold what was removed.
  const below = [...lowest.writes(journal)]
  if (below.length > 0) await journal.commit(below)
  if (playlists.left > 0) host.log.warn('too many playlists in the bucket', { leftAlone: playlists.left })
  const taking = new Taking(parts)
  let count = 0
  for (const family of playlists.families()) count += await taking.takeUp(family)
  return { names, playlists: count }
}

/** Another receiver went on with a playlist: numbers would go back here. */
export class TakenOn extends Error {
  constructor(app: string, name: string) {
    super(`Another receiver has gone on with ${app}/${name} since this one: start with an empty DATA_DIR.`)
    this.name = 'TakenOn'
  }
}

/** Takes up the playlists of a store, one after the other. */
class Taking {
  readonly #parts: TakeUpParts
  readonly #media: MediaTakeUp

  constructor({ host, journal, files, store, zone }: TakeOverParts) {
    const catalog = new Catalog(journal, files, new Leaving())
    const open = new OpenBodies()
    this.#parts = {
      host,
      journal,
      store,
      zone,
      lookup: ({ app, name }) => new UriLookup({ app, name, owner: '' }, catalog, open, []),
      content: (app, object) => objectContent(catalog, store, app, object),
      find:
        ({ app, name: playlist }) =>
        (uri) => {
          const name = storedNameOf(playlist, uri)
          return name === undefined ? undefined : catalog.object(app, name)
        },
    }
    this.#media = new MediaTakeUp(this.#parts)
  }

  /** Takes up a playlist with its runs, and what only looked like one for itself; gives how many they are. */
  async takeUp({ list, dated }: PlaylistFamily): Promise<number> {
    const { app, name } = list
    const read = await this.#read(list)
    if (this.#isOwn(list, read)) return this.#takeUpAll(app, dated)
    const isMedia = read?.scanned.kind === 'media'
    const texts = isMedia ? await this.#runTexts(dated, read.scanned) : []
    if (isMedia && read !== undefined) await this.#media.takeUp(list, read, texts)
    else if (read !== undefined && !wasMade(name, read)) await takeUpVariants(this.#parts.journal, list, read)
    return (read === undefined ? 0 : 1) + (await this.#takeUpAll(app, dated))
  }

  /**
   * Whether this receiver recorded a playlist itself: that goes on as it is. One that was taken up, and did not go on here, is taken up anew.
   * Throws TakenOn where another receiver went on with it since.
   */
  #isOwn({ app, name }: FoundObject, read: ReadUpload | undefined): boolean {
    const bytes = this.#parts.journal.get(keys.playlist(app, name))
    if (bytes === undefined) return false
    const record = parsePlaylistRecord(bytes)
    if (record.kind !== 'media') return true
    if (record.timeline.isTakenUp === true) return false
    const { scanned } = read ?? {}
    const end = scanned?.kind === 'media' ? scanned.mediaSequence + scanned.entries.length : 0
    if (end > lastServed(record) + 1) throw new TakenOn(app, name)
    return true
  }

  /** Takes up those that are no runs of another: of these it is known that they are in the store. */
  async #takeUpAll(app: string, dated: readonly FoundObject[]): Promise<number> {
    let count = 0
    for (const list of dated) {
      const isRun = this.#parts.journal.get(keys.written(app, list.name)) !== undefined
      if (!isRun) count += await this.takeUp({ list, dated: [] })
    }
    return count
  }

  /** Those that begin before the end of their live list, and those without entries. */
  async #runTexts(
    dated: readonly FoundObject[],
    { mediaSequence, entries }: ReadUpload['scanned'],
  ): Promise<RunText[]> {
    const { store, zone } = this.#parts
    const end = mediaSequence + entries.length
    const texts: RunText[] = []
    for (const each of dated) {
      const text = await this.#unlessRefused(each, runTextOf(store, each, zone))
      if (text !== undefined && (text.isEmpty || text.number < end)) texts.push(text)
    }
    return texts
  }

  /** What the store refuses for good is left alone: a live list alone is worth more than that. */
  async #unlessRefused<T>({ app, name }: FoundObject, reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      this.#parts.host.log.warn('playlist in the bucket left alone', { app, name, cause })
      return undefined
    }
  }

  /** Reads a whole playlist; undefined where it is none. */
  async #read(list: FoundObject): Promise<ReadUpload | undefined> {
    const { app, name, size } = list
    try {
      if (size > MAX_PLAYLIST_BYTES) throw new ReceiverError('body-too-large')
      const read = await this.#parts.store.get(storeKey(app, name))
      if (read === null) return undefined
      const chunks: Uint8Array[] = []
      for await (const chunk of read.body) chunks.push(chunk)
      return readWhole(concat(chunks), isAllowedUri(name))
    } catch (cause) {
      // A live list that the store refuses would count anew.
      const isLost = plainName(name) === undefined ? cause instanceof ReceiverError : isRefusal(cause)
      if (!isLost) throw cause
      this.#parts.host.log.warn('playlist in the bucket left alone', { app, name, cause })
      return undefined
    }
  }
}
