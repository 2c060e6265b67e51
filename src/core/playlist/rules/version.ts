import { linesOf, type PlaylistView, type Report, type TagLine } from './view.ts'

/** What a playlist may use only from a version on (RFC 8216bis section 8). */
interface Feature {
  readonly version: number
  readonly tag: string
  readonly isUsed: (tag: TagLine, view: PlaylistView) => boolean
}

const always = () => true

/** From the newest to the oldest. */
const FEATURES: readonly Feature[] = [
  {
    version: 12,
    tag: '#EXT-X-STREAM-INF',
    isUsed: ({ attributes }) => [...attributes.keys()].some((name) => name.startsWith('REQ-')),
  },
  { version: 11, tag: '#EXT-X-DEFINE', isUsed: ({ attributes }) => attributes.has('QUERYPARAM') },
  { version: 10, tag: '#EXT-X-SKIP', isUsed: ({ attributes }) => attributes.has('RECENTLY-REMOVED-DATERANGES') },
  { version: 9, tag: '#EXT-X-SKIP', isUsed: always },
  { version: 8, tag: '#EXT-X-DEFINE', isUsed: always },
  {
    version: 7,
    tag: '#EXT-X-MEDIA',
    isUsed: ({ attributes }) => attributes.get('INSTREAM-ID')?.startsWith('SERVICE') === true,
  },
  { version: 6, tag: '#EXT-X-MAP', isUsed: (_tag, view) => linesOf(view, '#EXT-X-I-FRAMES-ONLY').length === 0 },
  { version: 5, tag: '#EXT-X-MAP', isUsed: always },
  {
    version: 5,
    tag: '#EXT-X-KEY',
    isUsed: ({ attributes }) =>
      attributes.has('KEYFORMAT') ||
      attributes.has('KEYFORMATVERSIONS') ||
      attributes.get('METHOD')?.startsWith('SAMPLE-AES') === true,
  },
  { version: 4, tag: '#EXT-X-BYTERANGE', isUsed: always },
  { version: 4, tag: '#EXT-X-I-FRAMES-ONLY', isUsed: always },
  { version: 3, tag: '#EXTINF', isUsed: ({ value }) => /^\d*\./.test(value) },
  { version: 2, tag: '#EXT-X-KEY', isUsed: ({ attributes }) => attributes.has('IV') },
]

/** EXT-X-VERSION, against the newest feature that is used. */
export function checkVersion(view: PlaylistView, report: Report): void {
  const [declared] = linesOf(view, '#EXT-X-VERSION')
  if (declared !== undefined && !/^[1-9]\d*$/.test(declared.value)) report('version-invalid', declared.line)
  else {
    const use = newestUse(view, declared === undefined ? 1 : Number(declared.value))
    if (use !== undefined) report('version-too-low', use.line)
  }
}

function newestUse(view: PlaylistView, above: number): TagLine | undefined {
  for (const { version, tag, isUsed } of FEATURES) {
    const use = version > above ? linesOf(view, tag).find((line) => isUsed(line, view)) : undefined
    if (use !== undefined) return use
  }
  return undefined
}
