/** What a file of a live stream is, by its extension. */
export type FileKind = 'playlist' | 'segment' | 'key'

interface Extension {
  readonly kind: FileKind
  readonly contentType: string
}

const segment = (contentType: string): Extension => ({ kind: 'segment', contentType })

const KEY: Extension = { kind: 'key', contentType: 'application/octet-stream' }

/** Extensions that HLS encoders upload (RFC 8216bis section 3; AMS writes .fmp4, Shaka .m4v and .m4a). */
const EXTENSIONS: ReadonlyMap<string, Extension> = new Map([
  ['m3u8', { kind: 'playlist', contentType: 'application/vnd.apple.mpegurl' }],
  ['ts', segment('video/mp2t')],
  ['m2ts', segment('video/mp2t')],
  ['mp4', segment('video/mp4')],
  ['m4s', segment('video/iso.segment')],
  ['fmp4', segment('video/mp4')],
  ['cmfv', segment('video/mp4')],
  ['cmfa', segment('audio/mp4')],
  ['cmft', segment('application/mp4')],
  ['m4v', segment('video/mp4')],
  ['m4a', segment('audio/mp4')],
  ['aac', segment('audio/aac')],
  ['ac3', segment('audio/ac3')],
  ['ec3', segment('audio/eac3')],
  ['mp3', segment('audio/mpeg')],
  ['vtt', segment('text/vtt; charset=utf-8')],
  ['webvtt', segment('text/vtt; charset=utf-8')],
  ['key', KEY],
  ['bin', KEY],
])

/** Extensions of files that are made of recordings, or brought in beside them (AMS's VoDs, section 4.3), and that HLS has no use for. */
const PRODUCTS: ReadonlyMap<string, string> = new Map([
  ['webm', 'video/webm'],
  ['mov', 'video/quicktime'],
  ['avi', 'video/x-msvideo'],
  ['wmv', 'video/x-ms-wmv'],
  ['flv', 'video/x-flv'],
  ['mkv', 'video/x-matroska'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['webp', 'image/webp'],
])

/** The extension of a name in lower case, without the dot; empty when there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** The kind of file, or undefined when HLS has no use for it. */
export function fileKind(name: string): FileKind | undefined {
  return EXTENSIONS.get(extensionOf(name))?.kind
}

/** Whether a name is one of a file that may be served: no folder is called so, so that a path is never both. */
export function isFileName(name: string): boolean {
  return fileKind(name) !== undefined || PRODUCTS.has(extensionOf(name))
}

/** Whether it is a picture. */
export function isPicture(name: string): boolean {
  return PRODUCTS.get(extensionOf(name))?.startsWith('image/') === true
}

/** The media type to serve it with. */
export function contentTypeOf(name: string): string {
  const extension = extensionOf(name)
  return EXTENSIONS.get(extension)?.contentType ?? PRODUCTS.get(extension) ?? 'application/octet-stream'
}
