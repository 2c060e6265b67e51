import { BYTE_RANGE } from '../tags.ts'
import { linesOf, type PlaylistView, type Report, type Rule, type TagLine } from './view.ts'

const METHODS: ReadonlySet<string> = new Set([
  'NONE',
  'AES-128',
  'AES-256',
  'AES-256-GCM',
  'SAMPLE-AES',
  'SAMPLE-AES-CTR',
  'SAMPLE-AES-CENC',
  'ISO-23001-7',
])
const INITIALIZATION_VECTOR = /^0x[\da-f]{1,32}$/i
const FULL_VECTOR_LENGTH = 34

function checkKeys(view: PlaylistView, report: Report): void {
  for (const tag of ['#EXT-X-KEY', '#EXT-X-SESSION-KEY']) {
    for (const key of linesOf(view, tag)) {
      // What is missing may stand behind the place where the list broke off.
      if (!key.isMalformed) checkKey(key, report)
    }
  }
}

function checkKey({ line, attributes }: TagLine, report: Report): void {
  const method = attributes.get('METHOD')
  const vector = attributes.get('IV')
  if (method === undefined) report('key-method-missing', line)
  else if (!METHODS.has(method)) report('key-method-unknown', line)
  if (method === 'NONE' && attributes.size > 1) report('key-none-attributes', line)
  if (method !== 'NONE' && !attributes.get('URI')) report('key-uri-missing', line)
  if (vector === undefined) return
  if (!INITIALIZATION_VECTOR.test(vector)) report('key-iv-invalid', line)
  else if (vector.length < FULL_VECTOR_LENGTH) report('key-iv-short', line)
}

function checkMaps(view: PlaylistView, report: Report): void {
  for (const { line, attributes, isMalformed } of linesOf(view, '#EXT-X-MAP')) {
    const range = attributes.get('BYTERANGE')
    if (!isMalformed && !attributes.get('URI')) report('map-uri-missing', line)
    if (range !== undefined && !BYTE_RANGE.test(range)) report('map-byterange-invalid', line)
  }
}

/** Keys and media initialization sections. */
export const KEY_RULES: readonly Rule[] = [checkKeys, checkMaps]
