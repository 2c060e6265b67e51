import type { BodyContent, Host, Journal } from '../ports.ts'
import type { Products } from '../products/products.ts'
import { keys } from '../records.ts'
import { nameWrites } from '../sessions/take-filer.ts'

/** What keeps files. */
export interface KeepingParts {
  readonly host: Host
  readonly journal: Journal
  readonly products: Products
}

/** A file that is to be kept under a name that is its own. */
export interface NamedFile {
  readonly app: string
  readonly file: string
  readonly vodId: string
}

/**
 * Keeps a file under a name that is durable before: what a crash leaves is found by it, see `removeOrphans`. Throws StorageError, and
 * what the journal throws; leaves nothing then.
 */
export async function keepNamed(parts: KeepingParts, named: NamedFile, content: BodyContent): Promise<void> {
  const { journal, products } = parts
  const { app, file, vodId } = named
  await journal.commit(nameWrites(app, file, vodId))
  try {
    await products.keep('vod', app, file, content)
  } catch (error) {
    await unkeep(parts, named)
    throw error
  }
}

/** Removes what was kept so, and makes its name free; what fails is left to the next start. */
export async function unkeep({ host, journal, products }: KeepingParts, { app, file }: NamedFile): Promise<void> {
  try {
    await products.discard('vod', app, file)
    await journal.commit([keys.vodName(app, file), keys.taken(app, file)].map((key) => ({ key, value: null })))
  } catch (cause) {
    host.log.warn('file not removed', { app, file, cause })
  }
}
