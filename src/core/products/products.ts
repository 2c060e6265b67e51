import type { BodyContent } from '../ports.ts'
import type { ReadableFile } from '../readable-file.ts'

/** What is made of recordings: files that play by themselves, and pictures. */
export type ProductKind = 'vod' | 'preview'

/** How a kept file is brought to the bucket. */
export interface UploadHow {
  /** Tells this very file from others: an upload whose answer was lost finds itself. */
  readonly token: string
  /** Another of the same name may be there, and is replaced. */
  readonly isReplacing: boolean
  /** Gives it up. */
  readonly signal?: AbortSignal
}

/** What is known of an upload of one's own. */
export interface OwnUpload {
  /** With which it was uploaded. */
  readonly token: string
  /** Whether that is known to have come to its end. */
  readonly isUploaded: boolean
}

/** Where what was made of recordings lies: on this disk, and in the bucket where uploadExtensionsToS3 says so. Throws StorageError. */
export interface Products {
  /** Keeps a file on this disk, durably; one of the same name is replaced. */
  keep(kind: ProductKind, app: string, name: string, content: BodyContent): Promise<void>
  /** Whether files of this kind belong in the bucket. */
  goesToBucket(kind: ProductKind): boolean
  /**
   * Brings a kept file to the bucket, and removes it from this disk; where its kind stays here, it does nothing. Done again after it
   * was interrupted, it comes to the same. Throws StorageError, `exists` where another has the name; `not-found` where there is none.
   */
  upload(kind: ProductKind, app: string, name: string, how: UploadHow): Promise<void>
  /** The file, from this disk or else from the bucket. Throws ReceiverError `not-found`, `storage-unavailable`. */
  file(kind: ProductKind, app: string, name: string): Promise<ReadableFile>
  /** Whether there is such a file, on this disk or, as far as it answers, in the bucket. */
  exists(kind: ProductKind, app: string, name: string): Promise<boolean>
  /**
   * Removes it from both; one that is not there is no error. In the bucket another's file may have the name: what has another token
   * stays, and where the bucket keeps no tokens, all stays that is not known to have been uploaded.
   */
  remove(kind: ProductKind, app: string, name: string, own: OwnUpload): Promise<void>
  /** Removes what was kept from this disk alone: nothing is known of it, or it has another name by now. */
  discard(kind: ProductKind, app: string, name: string): Promise<void>
}
