import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_MOUNT, type Mount } from '../../src/core/upload-target.ts'
import { isSegmentUri, relativeUri, resolveUri, uriBaseName } from '../../src/core/uri.ts'

const MOUNTS: readonly Mount[] = [DEFAULT_MOUNT, { app: 'live', parts: ['http_upload_hls'] }]
const PLAYLIST = 'show/stream1.m3u8'

function nameOf(uri: string, playlist = PLAYLIST): string | null {
  return resolveUri(uri, playlist, 'live', MOUNTS).name
}

describe('a URI of a playlist stands for an encoder name', () => {
  test.each([
    ['stream10.ts', 'show/stream10.ts'],
    ['sub/stream10.ts', 'show/sub/stream10.ts'],
    ['./stream10.ts', 'show/stream10.ts'],
    ['./sub/./stream10.ts', 'show/sub/stream10.ts'],
    ['my stream é0.ts', 'show/my stream é0.ts'],
    ['my%20stream%20%C3%A90.ts', 'show/my stream é0.ts'],
    ['100%0.ts', 'show/100%0.ts'],
    ['cam1-18:00:00.ts', 'show/cam1-18:00:00.ts'],
    ['stream1.m3u8?token=abc0.ts', 'show/stream1.m3u8?token=abc0.ts'],
    ['stream10.ts?token=abc', 'show/stream10.ts'],
    ['http_upload_hls?cid=abcd&copy=0&file=out0.ts', 'show/out0.ts'],
    ['/live/hls-upload/stream10.ts', 'stream10.ts'],
    ['/live/k/s3cret/hls-upload/a/stream10.ts', 'a/stream10.ts'],
    ['http://other:8080/live/hls-upload/show/stream10.ts', 'show/stream10.ts'],
    ['HTTPS://user:pass@host/live/k/s3cret/hls-upload/show/stream10.ts?x=1', 'show/stream10.ts'],
    ['https://host/http_upload_hls?cid=abcd&file=out0.ts', 'out0.ts'],
  ])('%s', (uri, name) => {
    expect(nameOf(uri)).toBe(name)
  })

  test('a literal escape in the folder of the playlist stays as it is', () => {
    expect(nameOf('a.ts', '100%25/x.m3u8')).toBe('100%25/a.ts')
    expect(nameOf('a.ts', 'a b é/x.m3u8')).toBe('a b é/a.ts')
  })

  test.each([
    '../stream10.ts',
    'sub/../../stream10.ts',
    '%2e%2e/stream10.ts',
    '..%2fstream10.ts',
    '%252e%252e%252fstream10.ts',
    '..\\stream10.ts',
    'a%00.ts',
    '.hidden.ts',
    `${'a'.repeat(300)}.ts`,
    'file:///etc/passwd',
    'data:text/plain,hello',
    'skd://key-1',
    'https://elsewhere.example/a.ts',
    'https://host/other/hls-upload/a.ts',
    '/live/hls-upload/%2e%2e/a.ts',
  ])('P7: %s stands for nothing here', (uri) => {
    expect(nameOf(uri)).toBeNull()
  })

  test.each([
    ['stream10.ts', false],
    ['https://elsewhere.example/k.key', false],
    ['skd://key-1', false],
    ['/live/k/s3cret/hls-upload/k.key', true],
    ['https://host/live/k/s3cret/hls-upload/k.key', true],
    ['https://host/other/k/s3cret/hls-upload/k.key', true],
    ['https://host/live/k/s3cret/hls-upload/%2e%2e/k.key', true],
    ['https://host/live/k/s3cret/hls-upload/.hidden.key', true],
    ['https://host/live/k/s3cret/hls-upload/', true],
  ])('P7: whether %s is an upload URL, which no viewer may see: %s', (uri, isUploadUrl) => {
    expect(resolveUri(uri, PLAYLIST, 'live', MOUNTS).isUploadUrl).toBe(isUploadUrl)
  })

  test('P7: any URI stands for nothing or for a safe name', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      '%2f',
      '%5c',
      '%25',
      'http://h',
      'live',
      'hls-upload',
      'k',
      '?',
      'file=',
      '&',
      '#',
      'a.ts',
      'é',
      '\u0000',
      ':',
      ' ',
    )
    const uri = fc.oneof(
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(uri, (text) => {
        for (const part of nameOf(text)?.split('/') ?? []) {
          expect(['', '.', '..']).not.toContain(part)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
          expect(part).not.toMatch(/[\\\u0000-\u001f]/)
        }
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('which URIs a playlist may name segments by', () => {
  test.each([
    'a.ts',
    './a.ts',
    'sub/a.ts',
    '/live/hls-upload/a.ts',
    'http://h/a.ts',
    'https://h/a.ts',
    'a..b.ts',
    'a%3Ab.ts',
    'cam1-18:00:00.ts',
  ])('%s may stand there', (uri) => {
    expect(isSegmentUri(uri)).toBe(true)
  })

  test.each([
    '../a.ts',
    'a/../b.ts',
    '%2e%2e/a.ts',
    '%252e%252e/a.ts',
    '..%5ca.ts',
    'http://h/../a.ts',
    'file:///etc/passwd',
    'data:,x',
    'javascript:alert(1)',
    'x?file=../a.ts',
  ])('P7: %s may not', (uri) => {
    expect(isSegmentUri(uri)).toBe(false)
  })
})

test.each([
  ['stream10.ts', 'stream10.ts'],
  ['a/b/stream10.ts?x=/y', 'stream10.ts'],
  ['https://h/a/my%20file.ts', 'my file.ts'],
  ['', ''],
])('the last part of %j is %j', (uri, base) => {
  expect(uriBaseName(uri)).toBe(base)
})

describe('served URIs lead where they should', () => {
  test.each([
    ['a.m3u8', 'b.ts', 'b.ts'],
    ['x/a.m3u8', 'x/b.ts', 'b.ts'],
    ['x/a.m3u8', 'b.ts', '../b.ts'],
    ['a.m3u8', 'x/y/b.ts', 'x/y/b.ts'],
    ['x/y/a.m3u8', 'x/z/b.ts', '../z/b.ts'],
    ['x/y/a.m3u8', 'x/y', '../y'],
    ['a.m3u8', 'http:b.ts', 'http%3Ab.ts'],
    ['a.m3u8', '#b?.ts', '%23b%3F.ts'],
    ['a.m3u8', 'a "b".ts', 'a%20%22b%22.ts'],
  ])('from %s to %s', (from, to, uri) => {
    expect(relativeUri(from, to)).toBe(uri)
  })

  test('a player that resolves the URI against the playlist asks for exactly that path', () => {
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => /^[^./\p{C}][^/\p{C}]*$/u.test(text))
    const path = fc.array(part, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(path, path, fc.nat(3), (from, to, shared) => {
        const target = [...from.slice(0, Math.min(shared, from.length - 1)), ...to]
        const base = `http://h/live/streams/${from.map(encodeURIComponent).join('/')}`
        const uri = relativeUri(from.join('/'), target.join('/'))
        expect(uri).toMatch(/^[\x21-\x7e]+$/)
        expect(uri).not.toMatch(/["<>#?\\]/)
        const resolved = new URL(uri, base)
        const parts = resolved.pathname.split('/').slice(3).map(decodeURIComponent)
        expect(resolved.host).toBe('h')
        expect(parts.join('/')).toBe(target.join('/'))
      }),
      { numRuns: 2_000 },
    )
  })
})
