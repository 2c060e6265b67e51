import type { Catalog, Placing } from './catalog.ts'
import type { ArrivingBody, Custody, HeldBody, OnArriving } from './custody.ts'
import { STORE_RETRY_MIN_MS } from './limits.ts'
import type { OpenBodies } from './open-bodies.ts'
import type { Placement } from './placement.ts'
import type { BodyFiles, BodySource, Host, Journal } from './ports.ts'
import { keys, type StoredObject, splitApp, toText } from './records.ts'
import type { Sharing } from './sharing/sharing.ts'
import type { StoreWriter } from './storing/store-writer.ts'
import type { UnknownHashes } from './take-over/unknown-hashes.ts'

/** What the way of segments, init sections and keys is made of. */
export interface MediaUploadParts {
  readonly host: Host
  readonly journal: Journal
  readonly files: BodyFiles
  readonly custody: Custody
  readonly catalog: Catalog
  readonly placement: Placement
  readonly open: OpenBodies
  readonly writer: StoreWriter
  readonly sharing: Sharing
  readonly hashes: UnknownHashes
  /** Told when something came under an encoder name. */
  readonly onArrived: (app: string, name: string) => void
}

/** A media file that was taken; undefined: it was empty, and changes nothing. */
export type TakenMedia = { readonly object: StoredObject; readonly isNew: boolean } | undefined

/** Takes segments, init sections and keys: into custody, to a stored name, on their way to the store. */
export class MediaUploads {
  readonly #parts: MediaUploadParts

  constructor(parts: MediaUploadParts) {
    this.#parts = parts
  }

  /** Takes one body of at most `limit` bytes. Resolves when the acknowledgement may be sent. */
  async take(at: Placing, source: BodySource, limit: number): Promise<TakenMedia> {
    const { open, placement, writer, sharing } = this.#parts
    let leave = () => {}
    const claimed = sharing.claimName(at.app, at.name)
    const onArriving = (body: ArrivingBody) => {
      const leaveOpen = open.add(at, body)
      writer.watch(at.app, body, () => placement.reserve(at, body.id))
      leave = () => {
        leaveOpen()
        writer.ended(body.id)
        placement.release(at.app, body.id)
      }
      return this.#bytesServed(body.id)
    }
    try {
      const body = await this.#read(at, source, limit, onArriving)
      await claimed
      return await this.#place(at, body)
    } finally {
      leave()
    }
  }

  async #place(at: Placing, body: HeldBody): Promise<TakenMedia> {
    const { custody, placement, writer, onArrived } = this.#parts
    if (body.size === 0) return undefined
    const unknown = this.#parts.hashes.of(at, body)
    if (unknown.length > 0) await this.#parts.hashes.learn(at.app, unknown)
    const placed = await placement.place(at, body).catch(async (error: unknown) => {
      const served = placement.open(body.id)
      if (served === undefined) await custody.release(body)
      else this.#closeLater(at.app, served, error)
      throw error
    })
    if (placed.isNew) writer.store(at.app, placed.object)
    else await custody.release(body)
    onArrived(at.app, at.name)
    return placed
  }

  /** Closes the bodies that arrived when the receiver stopped: what was served of them stays. */
  async recover(): Promise<void> {
    const { journal, catalog, files } = this.#parts
    for (const [, value] of [...journal.entries(keys.open(''))]) {
      const { app, name } = splitApp(toText(value))
      const object = catalog.object(app, name)
      if (object?.isOpen !== true) continue
      await files.truncate(object.id, object.size)
      await this.#close(app, object)
    }
  }

  async #read(at: Placing, source: BodySource, limit: number, onArriving: OnArriving): Promise<HeldBody> {
    const { custody, placement } = this.#parts
    let id = ''
    try {
      return await custody.take(source, limit, (body) => {
        id = body.id
        return onArriving(body)
      })
    } catch (error) {
      const served = placement.open(id)
      if (served !== undefined) {
        await this.#close(at.app, served).catch((cause: unknown) => this.#closeLater(at.app, served, cause))
      }
      throw error
    }
  }

  #bytesServed(id: string): () => number {
    return () => this.#parts.placement.open(id)?.size ?? 0
  }

  /** What is served of a body stays open until the journal takes its end. */
  #closeLater(app: string, served: StoredObject, cause: unknown): void {
    const { host, placement } = this.#parts
    host.log.warn('body not closed', { app, name: served.stored, cause })
    host.clock.after(STORE_RETRY_MIN_MS, () => {
      const open = placement.open(served.id)
      if (open === undefined) return
      this.#close(app, open).catch((again: unknown) => this.#closeLater(app, open, again))
    })
  }

  async #close(app: string, served: StoredObject): Promise<void> {
    const { placement, writer, onArrived } = this.#parts
    const object = await placement.closeCut(app, served, await this.#hashOf(served))
    writer.store(app, object)
    onArrived(app, object.name)
  }

  async #hashOf({ id, size }: StoredObject): Promise<string> {
    const digest = this.#parts.host.createDigest()
    for await (const chunk of this.#parts.files.at(id, size).stream()) digest.update(chunk)
    return digest.hex()
  }
}
