import { contentOf } from './catalog.ts'
import { contentTypeOf } from './file-kind.ts'
import type { BodyContent } from './ports.ts'

/** A file as it is answered to a GET. */
export interface ReadableFile {
  readonly content: BodyContent
  readonly contentType: string
  /** Strong entity tag without its quotes. */
  readonly etag: string
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** Whether the bytes under this name never change. */
  readonly isImmutable: boolean
}

/** A playlist that was put together. */
export function playlistFile(name: string, bytes: Uint8Array, etag: string, modifiedAt: number): ReadableFile {
  return { content: contentOf(bytes), contentType: contentTypeOf(name), etag, modifiedAt, isImmutable: false }
}
