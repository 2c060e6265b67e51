import { atMost } from '../at-most.ts'
import type { Catalog, Placing } from '../catalog.ts'
import type { HeldBody } from '../custody.ts'
import { HASH_WAIT_MS } from '../limits.ts'
import type { BodyContent, Host, Journal } from '../ports.ts'
import { isGone, jsonWrite, keys, type StoredObject } from '../records.ts'
import type { Leaving } from '../removal/leaving.ts'
import type { PolicyFor } from '../restart-policy.ts'

/** What hashes are learned by. */
export interface UnknownHashesParts {
  readonly host: Pick<Host, 'clock' | 'log' | 'createDigest'>
  readonly journal: Journal
  readonly catalog: Catalog
  readonly leaving: Leaving
  readonly policyFor: PolicyFor
  /** The bytes of an object, wherever they are. */
  contentOf(app: string, object: StoredObject): Promise<BodyContent>
}

/** Learns the hash of what another receiver stored once a body of the same name and size comes: it may be the same again. */
export class UnknownHashes {
  readonly #parts: UnknownHashesParts

  constructor(parts: UnknownHashesParts) {
    this.#parts = parts
  }

  /** The objects that a body may be the same as, and nobody can tell. */
  of(at: Placing, { size }: HeldBody): StoredObject[] {
    // What takes the place of another is never compared with it.
    if (this.#parts.policyFor(at.app, at.name) === 'overwrite') return []
    const all = this.#parts.catalog.versions(at).map(({ object }) => object)
    return all.filter((object) => object.hash === '' && object.isOpen !== true && object.size === size)
  }

  /** Reads them, for at most HASH_WAIT_MS; those that are not read by then count as others. */
  async learn(app: string, objects: readonly StoredObject[]): Promise<void> {
    await atMost(this.#parts.host.clock, HASH_WAIT_MS, Promise.all(objects.map((object) => this.#learn(app, object))))
  }

  async #learn(app: string, object: StoredObject): Promise<void> {
    const { host, journal, leaving } = this.#parts
    try {
      const digest = host.createDigest()
      for await (const chunk of (await this.#parts.contentOf(app, object)).stream()) digest.update(chunk)
      // It may have been removed meanwhile.
      if (leaving.has(app, object.stored) || isGone(journal, app, object)) return
      await journal.commit([jsonWrite(keys.object(app, object.stored), { ...object, hash: digest.hex() })])
    } catch (cause) {
      host.log.warn('hash not learned', { app, name: object.stored, cause })
    }
  }
}
