import type { BodyContent } from '../ports.ts'
import type { ReadableFile } from '../readable-file.ts'

/** What is made of recordings: files that play by themselves, and pictures. */
export type ProductKind = 'vod' | 'preview'

/** Where what was made of recordings lies: on this disk, and in the bucket where uploadExtensionsToS3 says so. Throws StorageError. */
export interface Products {
  /** Keeps a file on this disk, durably; one of the same name is replaced. */
  keep(kind: ProductKind, app: string, name: string, content: BodyContent): Promise<void>
  /** Whether files of this kind belong in the bucket. */
  goesToBucket(kind: ProductKind): boolean
  /**
   * Brings a kept file to the bucket, and removes it from this disk. Throws `exists` where another has the name, unless it
   * `isReplacing`; `token` tells this very file from others, so that an upload whose answer was lost finds itself.
   */
  upload(kind: ProductKind, app: string, name: string, how: { token: string; isReplacing: boolean }): Promise<void>
  /** The file, from this disk or else from the bucket. Throws ReceiverError `not-found`, `storage-unavailable`. */
  file(kind: ProductKind, app: string, name: string): Promise<ReadableFile>
  /** Whether there is such a file, on this disk or, as far as it answers, in the bucket. */
  exists(kind: ProductKind, app: string, name: string): Promise<boolean>
  /** Removes it from both; one that is not there is no error. */
  remove(kind: ProductKind, app: string, name: string): Promise<void>
}
