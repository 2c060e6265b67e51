import { Catalog } from '../../src/core/catalog.ts'
import type { Log } from '../../src/core/ports.ts'
import type { StoredObject } from '../../src/core/records.ts'
import { nodeHost } from '../../src/node/host.ts'
import { memoryBodyFiles, memoryJournal } from '../../src/stores/memory-custody.ts'
import { sha256 } from './tree.ts'

/** A log that nobody reads. */
export const silentLog: Log = { info() {}, warn() {}, error() {} }

/** A catalog in memory, with a short way to place bodies. */
export interface CatalogKit {
  readonly catalog: Catalog
  /** Places a small body under an encoder name of the app `live`. */
  place(name: string, text: string, owner?: string): Promise<StoredObject>
}

/** Makes an empty catalog. */
export function catalogKit(): CatalogKit {
  const host = nodeHost(silentLog)
  const catalog = new Catalog(host, memoryJournal(), memoryBodyFiles())
  return {
    catalog,
    async place(name, text, owner = '') {
      const bytes = new TextEncoder().encode(text)
      const body = { id: host.nextId(), size: bytes.length, hash: sha256(bytes), bytes }
      return (await catalog.place({ app: 'live', name, owner }, body)).object
    },
  }
}
