import { Catalog } from '../catalog.ts'
import { ReceiverError } from '../errors.ts'
import { MAX_PLAYLIST_BYTES } from '../limits.ts'
import { objectContent } from '../object-content.ts'
import type { ObjectStore } from '../object-store.ts'
import { OpenBodies } from '../open-bodies.ts'
import { concat } from '../piece-buffer.ts'
import { UriLookup } from '../playlist/lookup.ts'
import { type ReadUpload, readWhole } from '../playlist-reading.ts'
import type { BodyFiles, Host, Journal } from '../ports.ts'
import { keys } from '../records.ts'
import { Leaving } from '../removal/leaving.ts'
import type { PolicyFor } from '../restart-policy.ts'
import { storeKey } from '../storing/store-key.ts'
import type { FoundObject } from './found-object.ts'
import { FoundPlaylists, type PlaylistFamily } from './found-playlists.ts'
import { takenNames, takenObjects } from './learn-names.ts'
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
  let names = 0
  for await (const page of found) {
    const objects = isTakenUp ? takenObjects(journal, page, naming) : []
    await journal.commit([...takenNames(page), ...objects])
    if (isTakenUp) playlists.add(page)
    names += page.length
  }
  if (playlists.left > 0) host.log.warn('too many playlists in the bucket', { leftAlone: playlists.left })
  const taking = new Taking(parts)
  let count = 0
  for (const family of playlists.families()) count += await taking.takeUp(family)
  return { names, playlists: count }
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
    // What this receiver recorded itself, or has taken up, goes on as it is.
    if (this.#parts.journal.get(keys.playlist(app, name)) !== undefined) return this.#takeUpAll(app, dated)
    const read = await this.#read(list)
    const isMedia = read?.scanned.kind === 'media'
    const texts = isMedia ? await this.#runTexts(dated, read.scanned) : []
    if (isMedia && read !== undefined) await this.#media.takeUp(list, read, texts)
    else if (read !== undefined && !wasMade(name, read)) await takeUpVariants(this.#parts.journal, list, read)
    return (read === undefined ? 0 : 1) + (await this.#takeUpAll(app, dated))
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
      const text = await runTextOf(store, each, zone)
      if (text !== undefined && (text.isEmpty || text.number < end)) texts.push(text)
    }
    return texts
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
      if (!(cause instanceof ReceiverError)) throw cause
      this.#parts.host.log.warn('playlist in the bucket left alone', { app, name, reason: cause.message })
      return undefined
    }
  }
}
