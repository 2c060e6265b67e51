import { readConfig } from '../../src/config/schema.ts'
import { contentOf } from '../../src/core/catalog.ts'
import { productName } from '../../src/core/products/product-names.ts'
import type { ProductKind } from '../../src/core/products/products.ts'
import { keys, toBytes } from '../../src/core/records.ts'
import { openStorage, type Storage } from '../../src/node/storage.ts'
import { silent } from '../simulation/world/surroundings.ts'

/** Opens the storage of a receiver that does not run, with its settings as in the environment, and closes it afterwards. */
export async function withStorage<T>(
  settings: Readonly<Record<string, string>>,
  use: (storage: Storage) => Promise<T>,
): Promise<T> {
  const storage = await openStorage(readConfig(settings))
  try {
    await storage.prepare(silent)
    return await use(storage)
  } finally {
    await storage.close()
  }
}

/** Keeps a file as what makes files of recordings does: its name is taken first. */
export async function keepProduct(
  { journal, products }: Storage,
  kind: ProductKind,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const stem = name.replace(/\.\w+$/, '')
  const named = kind === 'vod' ? productName('live', name) : { key: keys.picture('live', stem), value: toBytes(stem) }
  await journal.commit([named])
  await products.keep(kind, 'live', name, contentOf(bytes))
}
