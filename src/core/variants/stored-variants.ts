import { MAX_PLAYLIST_STATES, VARIANT_RETURN_MS } from '../limits.ts'
import type { NamedObjects } from '../playlist-commit.ts'
import type { PlaylistState } from '../playlist-states.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import type { Host, Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson, toBytes } from '../records.ts'
import type { Sharing } from '../sharing/sharing.ts'
import type { MadeVariants } from './made-variants.ts'
import { adaptiveName, renditionMarks, renditionsOf } from './renditions.ts'
import { isNewList, renderVariants, type VariantList } from './variant-list.ts'

/** What tells which made multivariant playlists belong into the store. */
export interface StoredVariantsParts {
  readonly host: Host
  readonly journal: Journal
  readonly made: MadeVariants
  readonly sharing: Sharing
  /** Told of each one that the store has to get, and of the stored names that it leads to. */
  readonly onMade: (app: string, name: string, names: NamedObjects) => void
}

/** A made multivariant playlist as the store is to have it; without variants: the store had one, which has to be made anew. */
interface StoredVariantList extends VariantList {
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
}

const NOTHING = new Uint8Array(0)
/** Versions of made ones are below zero, as many as there may ever be: one that is uploaded, which begins with 1, is newer. */
const BEFORE_FIRST_VERSION = -(2 ** 48)
/** A stream with one rendition needs none. */
const LEAST_VARIANTS = 2

/** Made multivariant playlists as they belong into the store, where a CDN finds them: written anew when there is news. */
export class StoredVariants {
  readonly #parts: StoredVariantsParts
  /** Looks that run, by app and name. */
  readonly #running = new Map<string, Promise<void>>()
  /** Of those, the ones that came too late for a publication. */
  readonly #again = new Set<string>()
  /** Since when variants are missing, in ms since the epoch, by app and name. */
  readonly #missing = new Map<string, number>()

  constructor(parts: StoredVariantsParts) {
    this.#parts = parts
  }

  /** A media playlist was published, or is gone: the multivariant one beside it may have to tell something else. */
  changed(app: string, rendition: string): void {
    this.#parts.made.published(app, rendition)
    const name = adaptiveName(rendition)
    if (name === undefined || !this.#isNeeded(app, name)) return
    const key = `${app}/${name}`
    if (this.#running.has(key)) this.#again.add(key)
    else this.#running.set(key, this.#look(app, name, key))
  }

  /** The one of this name that the store is to have; undefined where there is none. */
  served(app: string, name: string): ServedPlaylist | undefined {
    const list = this.#stored(app, name)
    if (list === undefined || list.variants.length === 0) return undefined
    return { ...list, bytes: toBytes(renderVariants(name, list)) }
  }

  /** Resolves when no look runs. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async #look(app: string, name: string, key: string): Promise<void> {
    do {
      this.#again.delete(key)
      await this.#update(app, name).catch((cause: unknown) => {
        this.#parts.host.log.error('multivariant playlist not made', { app, name, cause })
      })
    } while (this.#again.has(key))
    this.#running.delete(key)
  }

  async #update(app: string, name: string): Promise<void> {
    const { made, sharing, journal, host, onMade } = this.#parts
    if (this.#isSent(app, name)) return
    await made.read(app, name)
    const before = this.#stored(app, name)
    const found = made.list(app, name)
    if (!isNews(before, found) || this.#isTooSoon(app, name, before, found)) return
    await sharing.claim(app, name)
    // An encoder may have sent its own meanwhile.
    const list = this.#isSent(app, name) ? undefined : made.list(app, name)
    if (list === undefined) return
    const version = (before?.version ?? BEFORE_FIRST_VERSION) + 1
    const stored: StoredVariantList = { ...list, version, publishedAt: host.clock.now() }
    await journal.commit([
      jsonWrite(keys.madeVariants(app, name), stored),
      { key: keys.unstoredPlaylist(app, name, version), value: NOTHING },
      ...(before === undefined ? [] : [{ key: keys.unstoredPlaylist(app, name, before.version), value: null }]),
    ])
    onMade(app, name, new Map(list.variants.map((variant) => [variant.name, undefined])))
  }

  /** One that is there once goes on, so that it does not lead to what is gone. */
  #isNeeded(app: string, name: string): boolean {
    return this.#parts.made.count(app, name) >= LEAST_VARIANTS || this.#stored(app, name) !== undefined
  }

  /** Once an encoder has sent its own, that is the one of the store, also while it waits for its variants. */
  #isSent(app: string, name: string): boolean {
    return this.#parts.journal.get(keys.playlist(app, name)) !== undefined
  }

  /** Renditions that go on after a pause come one by one: until then they are not taken out. */
  #isTooSoon(app: string, name: string, before: VariantList | undefined, list: VariantList | undefined): boolean {
    const key = `${app}/${name}`
    const now = this.#parts.host.clock.now()
    const since = this.#missing.get(key) ?? now
    this.#missing.delete(key)
    if (!isPartOf(before, list) || now - since >= VARIANT_RETURN_MS) return false
    this.#missing.set(key, since)
    const [oldest] = this.#missing.keys()
    if (this.#missing.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#missing.delete(oldest)
    return true
  }

  #stored(app: string, name: string): StoredVariantList | undefined {
    return readJson<StoredVariantList>(this.#parts.journal, keys.madeVariants(app, name))
  }
}

/** Whether a list has some of the variants that another has, and none besides. */
function isPartOf(whole: VariantList | undefined, list: VariantList | undefined): boolean {
  if (whole === undefined || list === undefined || list.variants.length >= whole.variants.length) return false
  const known = new Set(whole.variants.map(({ name }) => name))
  return list.variants.every(({ name }) => known.has(name))
}

function isNews(before: VariantList | undefined, list: VariantList | undefined): boolean {
  if (list === undefined) return false
  return before === undefined ? list.variants.length >= LEAST_VARIANTS : isNewList(before, list)
}

/**
 * Writes down that a media playlist is gone: nothing is made of it any more. `made`: the multivariant playlist that was, and that has to
 * go from the store before it; when both are gone it is made anew of the renditions that are left.
 */
export function renditionForgotten(
  journal: Journal,
  state: Pick<PlaylistState, 'app' | 'name' | 'record'>,
): { readonly writes: readonly JournalWrite[]; readonly made: string | undefined } {
  const { app } = state
  const name = adaptiveName(state.name)
  if (name === undefined) return { writes: [], made: undefined }
  const made = readJson<StoredVariantList>(journal, keys.madeVariants(app, name))
  const isSent = journal.get(keys.playlist(app, name)) !== undefined
  const isInStore = made !== undefined && !isSent
  const marks = isInStore ? [...journal.entries(keys.unstoredPlaylist(app, name, ''))] : []
  const hasOthers = made !== undefined && renditionsOf(journal, app, name).some((other) => other !== state.name)
  const left = hasOthers
    ? jsonWrite(keys.madeVariants(app, name), { ...made, variants: [] })
    : { key: keys.madeVariants(app, name), value: null }
  const writes = [...renditionMarks(journal, state, undefined), left, ...marks.map(([key]) => ({ key, value: null }))]
  return { writes, made: isInStore ? name : undefined }
}
