import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../src/core/errors.ts'
import { DEFAULT_MOUNT, encoderName, isAppName, type Mount, parseUploadTarget } from '../../src/core/upload-target.ts'
import { codeOf } from '../support/code-of.ts'

const YOUTUBE: Mount = { app: 'live', parts: ['http_upload_hls'] }
const MOUNTS: readonly Mount[] = [
  DEFAULT_MOUNT,
  YOUTUBE,
  { app: 'tv', parts: ['hls-stream', 'in'] },
  { app: null, parts: ['ingest'] },
]

const TARGETS: readonly [target: string, app: string, name: string | null, key: string | undefined][] = [
  ['/live/hls-upload/stream1.m3u8', 'live', 'stream1.m3u8', undefined],
  ['/LiveApp/hls-upload/stream1000000001.ts', 'LiveApp', 'stream1000000001.ts', undefined],
  ['/live/hls-upload/sub/folder/a.ts', 'live', 'sub/folder/a.ts', undefined],
  ['/live/hls-upload//a.ts', 'live', 'a.ts', undefined],
  ['//live//hls-upload/sub//a.ts', 'live', 'sub/a.ts', undefined],
  ['/live/hls-upload', 'live', null, undefined],
  ['/live/hls-upload/', 'live', null, undefined],
  ['/live/hls-upload/?x=1', 'live', null, undefined],
  ['/live/k/s3cret/hls-upload/a.ts', 'live', 'a.ts', 's3cret'],
  ['/live/k/s%33cret/hls-upload/a.ts', 'live', 'a.ts', 's3cret'],
  ['/live/k/s3cret/hls-upload/', 'live', null, 's3cret'],
  ['/live/hls-upload/k/other/a.ts', 'live', 'k/other/a.ts', undefined],
  ['/hls-stream/in/a.ts', 'tv', 'a.ts', undefined],
  ['/k/s3cret/hls-stream/in/a.ts', 'tv', 'a.ts', 's3cret'],
  ['/news/ingest/a.ts', 'news', 'a.ts', undefined],
  ['/news/k/x/ingest/sub/a.ts', 'news', 'sub/a.ts', 'x'],
  ['/http_upload_hls?cid=abcd-efgh&copy=0&file=out0.ts', 'live', 'out0.ts', 'abcd-efgh'],
  ['/http_upload_hls?cid=a%2Db&file=out.m3u8', 'live', 'out.m3u8', 'a-b'],
  ['/http_upload_hls/sub?file=out.m3u8', 'live', 'sub/out.m3u8', undefined],
  ['/http_upload_hls?file=sub/out.m3u8', 'live', 'sub/out.m3u8', undefined],
  ['/http_upload_hls?file=sub%2Fout.m3u8', 'live', 'sub/out.m3u8', undefined],
  ['/http_upload_hls?file=a%2541.ts', 'live', 'a%41.ts', undefined],
  ['/k/path-key/http_upload_hls?cid=query-key&file=out0.ts', 'live', 'out0.ts', 'path-key'],
  ['/live/hls-upload/stream1.m3u8?token=abc.def', 'live', 'stream1.m3u8', undefined],
  ['/live/hls-upload/stream1.m3u8?token=abc0.ts', 'live', 'stream1.m3u8?token=abc0.ts', undefined],
  ['/live/hls-upload/s.ts?version=2.ts', 'live', 's.ts', undefined],
  ['/live/hls-upload/my%20stream%20%C3%A9.ts', 'live', 'my stream é.ts', undefined],
  ['/live/hls-upload/my stream é.ts', 'live', 'my stream é.ts', undefined],
  ['/live/hls-upload/a.ts#fragment', 'live', 'a.ts', undefined],
  ['http://host:8080/live/hls-upload/a.ts', 'live', 'a.ts', undefined],
  ['HTTPS://user:pass@host/live/k/x/hls-upload/a.ts?y=1', 'live', 'a.ts', 'x'],
]

const ELSEWHERE = [
  '/',
  '',
  '/live',
  '/live/streams/a.ts',
  '/hls-upload/a.ts',
  '/k/hls-upload/a.ts',
  '/live/k/hls-upload/a.ts',
  '/live/hls-uploads/a.ts',
  '/live/HLS-UPLOAD/a.ts',
  '/.hidden/hls-upload/a.ts',
  '/../hls-upload/a.ts',
  '/%2e%2e/hls-upload/a.ts',
  '/a%2fb/hls-upload/a.ts',
  '/a b/hls-upload/a.ts',
  `/${'a'.repeat(65)}/hls-upload/a.ts`,
]

const REFUSED: readonly [target: string, code: ErrorCode][] = [
  ['/live/hls-upload/../a.ts', 'path-forbidden'],
  ['/live/hls-upload/%2e%2e/a.ts', 'path-forbidden'],
  ['/live/hls-upload/..%2fa.ts', 'path-forbidden'],
  ['/live/hls-upload/..%5ca.ts', 'path-forbidden'],
  ['/live/hls-upload/%252e%252e%252fa.ts', 'path-forbidden'],
  ['/live/hls-upload/sub/%2e%2e/%2e%2e/a.ts', 'path-forbidden'],
  ['/http_upload_hls?file=../a.ts', 'path-forbidden'],
  ['/http_upload_hls?file=..%2Fa.ts', 'path-forbidden'],
  ['/http_upload_hls?file=%2e%2e%252fa.ts', 'path-forbidden'],
  ['/http_upload_hls?file=', 'name-invalid'],
  ['/http_upload_hls?file=/etc/a.ts', 'name-invalid'],
  ['/http_upload_hls?file=.hidden.ts', 'name-invalid'],
  ['/live/hls-upload/a%00.ts', 'name-invalid'],
  ['/live/hls-upload/s.m3u8?token=%00.ts', 'name-invalid'],
  ['/live/hls-upload/s.m3u8?t=..%2f..%2fa.ts', 'path-forbidden'],
  ['/live/hls-upload/a.ts/b.ts', 'name-invalid'],
  [`/live/hls-upload/${'a'.repeat(297)}.ts`, 'name-too-long'],
  [`/live/hls-upload/s.m3u8?token=${'a'.repeat(300)}.ts`, 'name-too-long'],
]

describe('where an upload goes', () => {
  test.each(TARGETS)('%s', (target, app, name, key) => {
    expect(parseUploadTarget(target, MOUNTS)).toMatchObject({ app, name, key })
  })

  test.each(ELSEWHERE)('%j is no upload', (target) => {
    expect(parseUploadTarget(target, MOUNTS)).toBeNull()
  })

  test.each(REFUSED)('P7: %s is refused', (target, code) => {
    expect(codeOf(() => parseUploadTarget(target, MOUNTS))).toBe(code)
  })

  test('P7: any name that is encoded into a target comes back as it was, under its own app and key', () => {
    const safeName = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => /^[^./\\%?\p{C}][^/\\%?\p{C}]*$/u.test(text))
    const app = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/).filter(isAppName)
    const key = fc.stringMatching(/^[A-Za-z0-9._~-]{3,12}$/)
    fc.assert(
      fc.property(app, key, fc.array(safeName, { maxLength: 3 }), safeName, (name, shown, folders, base) => {
        fc.pre(folders.every((folder) => !/\.\w+$/.test(folder)))
        const path = [...folders, `${base}1.ts`]
        const target = `/${name}/k/${shown}/hls-upload/${path.map(encodeURIComponent).join('/')}`
        expect(parseUploadTarget(target, MOUNTS)).toMatchObject({ app: name, key: shown, name: path.join('/') })
      }),
      { numRuns: 1_000 },
    )
  })

  test('P7: no target, however odd, breaks out of the name', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      'live',
      'hls-upload',
      'k',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '%25',
      '?',
      '&',
      '=',
      'file=',
      'cid=',
      '#',
      'a.ts',
      'é',
      '%00',
      '%ff',
      '\\',
      ' ',
    )
    const target = fc.oneof(
      fc.array(piece, { maxLength: 14 }).map((pieces) => `/live/hls-upload/${pieces.join('')}`),
      fc.string({ unit: 'binary', maxLength: 60 }),
    )
    fc.assert(
      fc.property(target, (text) => {
        let found: ReturnType<typeof parseUploadTarget> = null
        if (codeOf(() => (found = parseUploadTarget(text, MOUNTS))) !== undefined) return
        const { app, name } = (found as ReturnType<typeof parseUploadTarget>) ?? { app: 'none', name: null }
        expect(isAppName(app)).toBe(true)
        for (const part of name?.split('/') ?? []) expect(['', '.', '..']).not.toContain(part)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('names of apps', () => {
  test.each(['live', 'LiveApp', 'WebRTCAppEE', 'a', '1', 'a.b-c_d'])('%s', (name) => {
    expect(isAppName(name)).toBe(true)
  })

  test.each(['', 'k', '.a', '-a', '..', 'a/b', 'a b', 'é', 'a'.repeat(65), 'a\n'])('not %j', (name) => {
    expect(isAppName(name)).toBe(false)
  })
})

test('an endpoint alone has no name', () => {
  expect(encoderName([], '')).toBeNull()
  expect(encoderName([], 'token=abc0.ts')).toBeNull()
})
