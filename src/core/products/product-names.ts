import { stemOf } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys, toBytes } from '../records.ts'
import type { ProductKind } from './products.ts'

/** What tells names of products from others that are taken. */
const MARK = toBytes('vod')

/** Takes a name below `/:app/streams/` for a file that is made of recordings: it is given to no upload then, and served. */
export function productName(app: string, name: string): JournalWrite {
  return { key: keys.taken(app, name), value: MARK }
}

/** Whether a name below `/:app/streams/` is that of such a file, or of one that was removed. */
export function isProduct(journal: Journal, app: string, name: string): boolean {
  return journal.get(keys.taken(app, name))?.length === MARK.length
}

/** The store's key of a product: videos lie beside HLS, pictures apart. */
export function productKey(kind: ProductKind, app: string, name: string): string {
  return `${app}/${kind === 'vod' ? 'streams' : 'previews'}/${name}`
}

/**
 * Whether there may be a picture of a name: that of one that was made, or, where a receiver took over a bucket, of a stream that has
 * playlists. Anyone may ask for any name, and the bucket is not to be asked each time.
 */
export function mayBePicture(journal: Journal, app: string, name: string): boolean {
  const stem = stemOf(name)
  if (journal.get(keys.picture(app, stem)) !== undefined) return true
  const stream = stem.replace(/_finished$/, '')
  const [playlist] = stream === '' ? [] : journal.entries(keys.playlist(app, stream))
  return playlist !== undefined
}
