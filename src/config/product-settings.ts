import { keyPrefix, nothingOr, setting, text, whole } from './setting-types.ts'

/** The settings of where files that are made of recordings lie, and HLS beside them. */
export const PRODUCT_SETTINGS = {
  UPLOAD_EXTENSIONS_TO_S3: setting(
    whole(0, 7),
    '7',
    '0 to 7',
    "What goes into the bucket with STORE=s3, as the sum of 1 for mp4 and WebM, 2 for HLS, 4 for PNG previews (Ant Media Server's `uploadExtensionsToS3`). All else stays below DATA_DIR, and is listed and played from there. S3_SHARED and S3_TAKE_OVER need the 2.",
  ),
  S3_RECORDINGS_PREFIX: setting(
    nothingOr(keyPrefix),
    '',
    'prefix',
    'Where in the bucket mp4 and WebM files lie, likewise; empty: in S3_PREFIX, beside HLS.',
  ),
  S3_PREVIEWS_PREFIX: setting(
    nothingOr(keyPrefix),
    '',
    'prefix',
    'Where in the bucket previews lie, likewise; empty: `previews` in place of the `streams` that S3_PREFIX ends with, else below it.',
  ),
  RECORDINGS_DIR: setting(
    text,
    '',
    'path',
    'Folder of its own for mp4 and WebM files that are on the disk, which lie there as `APP/NAME`; empty: beside HLS, in `DATA_DIR/APP/streams`.',
  ),
} as const

/** What may lie in a bucket. */
export type UploadedKind = 'hls' | 'vod' | 'preview'

/** AMS's bits (facts of AMS, section 5). */
const BITS: Readonly<Record<UploadedKind, number>> = { vod: 1, hls: 2, preview: 4 }

interface Uploading {
  readonly STORE: string
  readonly UPLOAD_EXTENSIONS_TO_S3: number
}

/** Whether files of this kind go into the bucket. */
export function goesToS3({ STORE, UPLOAD_EXTENSIONS_TO_S3 }: Uploading, kind: UploadedKind): boolean {
  return STORE === 's3' && (UPLOAD_EXTENSIONS_TO_S3 & BITS[kind]) !== 0
}

interface Prefixes {
  readonly S3_PREFIX: string
  readonly S3_RECORDINGS_PREFIX: string
  readonly S3_PREVIEWS_PREFIX: string
}

/** Where in the bucket each kind lies. */
export function s3Prefixes(config: Prefixes): Readonly<Record<UploadedKind, string>> {
  const { S3_PREFIX: hls, S3_RECORDINGS_PREFIX: vod, S3_PREVIEWS_PREFIX: preview } = config
  const beside = /(^|\/)streams$/.test(hls) ? hls.replace(/streams$/, 'previews') : `${hls}/previews`
  return { hls, vod: vod === '' ? hls : vod, preview: preview === '' ? beside : preview }
}

interface Checked extends Uploading, Prefixes {
  readonly APPS: readonly string[]
  readonly S3_SHARED: boolean
  readonly S3_TAKE_OVER: boolean
  readonly RECORDINGS_DIR: string
}

/** What is wrong between these settings, in one sentence; undefined: nothing. */
export function checkProducts(config: Checked): string | undefined {
  const { STORE, APPS, S3_PREFIX, S3_RECORDINGS_PREFIX, RECORDINGS_DIR } = config
  if (STORE === 'memory' && RECORDINGS_DIR !== '')
    return 'RECORDINGS_DIR is a folder: it does not go with STORE=memory.'
  if (STORE !== 's3') return undefined
  const needsHls = (['S3_SHARED', 'S3_TAKE_OVER'] as const).find((name) => config[name])
  if (needsHls !== undefined && !goesToS3(config, 'hls')) {
    return `${needsHls} is about HLS in the bucket: it needs the 2 in UPLOAD_EXTENSIONS_TO_S3.`
  }
  for (const name of ['S3_RECORDINGS_PREFIX', 'S3_PREVIEWS_PREFIX'] as const) {
    const prefix = config[name]
    if (prefix !== '' && APPS.length !== 1 && !prefix.split('/').includes(':app')) {
      return `${name} ${prefix} is for one app: name it in APPS, or set ${name}=:app/${prefix}.`
    }
  }
  if (S3_RECORDINGS_PREFIX !== '' && S3_RECORDINGS_PREFIX !== S3_PREFIX && meet(S3_RECORDINGS_PREFIX, S3_PREFIX)) {
    return `S3_RECORDINGS_PREFIX ${S3_RECORDINGS_PREFIX} and S3_PREFIX ${S3_PREFIX} may not lie within each other: names could meet.`
  }
  return undefined
}

/** Whether keys below one prefix may be below the other, too. */
function meet(one: string, other: string): boolean {
  const others = other.split('/')
  return one.split('/').every((part, at) => {
    const against = others[at]
    return against === undefined || part === against || part === ':app' || against === ':app'
  })
}
