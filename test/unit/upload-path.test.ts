import { posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../src/core/errors.ts'
import { baseName, decodePercent, folderOf, leavesFolder, safePart, safePath } from '../../src/core/upload-path.ts'
import { codeOf } from '../support/code-of.ts'

const TRAVERSALS = [
  '..',
  '.',
  '%2e%2e',
  '%2E%2E',
  '.%2e',
  '%2e.',
  '%2e',
  '%252e%252e',
  '%252e.',
  '..%2f',
  '..%5c',
  '..\\',
  '%2e%2e%2f',
  '%2e%2e%5c',
  '%252e%252e%252f',
  'a%2fb',
  'a%2Fb',
  'a%5cb',
  'a\\b',
  'a%252fb',
  'a%255cb',
  'x%2f..%2f..%2fetc',
]

const REFUSED: readonly [string, string, ErrorCode][] = [
  ['NUL', 'a%00.ts', 'name-invalid'],
  ['a raw NUL', 'a\u0000.ts', 'name-invalid'],
  ['a line feed', 'a%0a.ts', 'name-invalid'],
  ['a carriage return and a header', 'a%0d%0aX-Evil:%201.ts', 'name-invalid'],
  ['the unit separator of the journal', 'a%01.ts', 'name-invalid'],
  ['DEL', 'a%7f.ts', 'name-invalid'],
  ['a question mark', 'cam1%3Fy.ts', 'name-invalid'],
  ['nothing', '', 'name-invalid'],
  ['a hidden name', '.hidden.ts', 'name-invalid'],
  ['an encoded hidden name', '%2ehidden.ts', 'name-invalid'],
  ['three dots', '...', 'name-invalid'],
  ['300 bytes', `${'a'.repeat(297)}.ts`, 'name-too-long'],
  ['300 bytes of UTF-8 in 150 letters', 'é'.repeat(150), 'name-too-long'],
  ['256 bytes', `${'a'.repeat(253)}.ts`, 'name-too-long'],
  ['4 KiB', 'a'.repeat(4096), 'name-too-long'],
]

/** Pieces that break naive checks, and any text. */
const rawPart = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '.',
        '/',
        '\\',
        '%',
        '2',
        'e',
        '5',
        'f',
        'c',
        '%2e',
        '%2f',
        '%5c',
        '%25',
        '%00',
        'a',
        'é',
        '%c3%a9',
        '%ff',
        '?',
        '#',
        ' ',
        '.ts',
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map(encodeURIComponent),
)

function safeOrRefused(parts: readonly string[]): string | undefined {
  const code = codeOf(() => safePath(parts))
  if (code === undefined) return safePath(parts)
  expect(['path-forbidden', 'name-invalid', 'name-too-long', 'name-missing']).toContain(code)
  return undefined
}

describe('P7: no path leaves its prefix', () => {
  test.each(TRAVERSALS)('%j is forbidden, alone and among others', (part) => {
    expect(codeOf(() => safePart(part))).toBe('path-forbidden')
    expect(codeOf(() => safePath(['sub', part, 'a.ts']))).toBe('path-forbidden')
    expect(codeOf(() => safePath([part, 'a.ts']))).toBe('path-forbidden')
  })

  test.each([
    '/live/hls-upload/../a.ts',
    '/live/hls-upload/%2e%2e/a.ts',
    '/live/hls-upload/..%2fa.ts',
    '/live/hls-upload/..%5ca.ts',
    '/live/hls-upload/%252e%252e%252fa.ts',
    '/live/hls-upload/a.ts/..',
    '/live/./a.ts',
    '/live/hls-upload?file=../a.ts',
    '/live/hls-upload?file=..%2Fa.ts',
    '/live/hls-upload/x?cid=%2e%2e&file=a.ts',
  ])('the target %s leaves its folder', (target) => {
    expect(leavesFolder(target)).toBe(true)
  })

  test.each([
    '/live/hls-upload/a..b.ts',
    '/live/hls-upload/...ts',
    '/live/hls-upload/a.ts?token=abc.def',
    '/live/hls-upload/100%.ts',
    '/live/hls-upload/init_%v_0.mp4',
    '/live/hls-upload//a.ts',
  ])('the target %s stays', (target) => {
    expect(leavesFolder(target)).toBe(false)
  })

  test('whatever comes in, a path has no dot part, no empty part, no backslash and no control character', () => {
    let passed = 0
    fc.assert(
      fc.property(fc.array(rawPart, { maxLength: 5 }), (parts) => {
        const path = safeOrRefused(parts)
        if (path === undefined) return
        passed++
        expect(posix.normalize(path)).toBe(path)
        expect(posix.isAbsolute(path)).toBe(false)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        expect(path).not.toMatch(/[\\\u0000-\u001f\u007f]/)
        for (const part of path.split('/')) {
          expect(['', '.', '..']).not.toContain(part)
          expect(part.startsWith('.')).toBe(false)
        }
        expect(path.split('/')).toHaveLength(parts.length)
      }),
      { numRuns: 5_000 },
    )
    expect(passed).toBeGreaterThan(500)
  })

  test('a path decoded once more still leaves nothing', () => {
    fc.assert(
      fc.property(fc.array(rawPart, { minLength: 1, maxLength: 3 }), (parts) => {
        const path = safeOrRefused(parts)
        if (path === undefined) return
        const again = decodePercent(path)
        expect(again.split(/[/\\]/)).toHaveLength(parts.length)
        expect(again.split('/')).not.toContain('..')
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('names that a store could not keep are refused', () => {
  test.each(REFUSED)('%s', (_what, part, code) => {
    expect(codeOf(() => safePart(part))).toBe(code)
    expect(codeOf(() => safePath([part]))).toBe(code)
  })

  test('220 bytes are taken, 221 are not', () => {
    const name = `${'a'.repeat(217)}.ts`
    expect(safePath([name])).toBe(name)
    expect(codeOf(() => safePath([`a${name}`]))).toBe('name-too-long')
  })

  test('nine folders, and 701 bytes in all, are too much', () => {
    const nine = Array.from({ length: 9 }, () => 'f')
    expect(codeOf(() => safePath([...nine, 'a.ts']))).toBe('name-too-long')
    expect(safePath([...nine.slice(1), 'a.ts'])).toBe('f/f/f/f/f/f/f/f/a.ts')
    const long = 'a'.repeat(200)
    expect(codeOf(() => safePath([long, long, long, `${'b'.repeat(95)}.ts`]))).toBe('name-too-long')
    expect(safePath([long, long, long, `${'b'.repeat(94)}.ts`])).toHaveLength(700)
  })

  test.each(['a.ts', 'live.m3u8', 'init.MP4', 'k.key'])('no folder is called %s', (folder) => {
    expect(codeOf(() => safePath([folder, 'b.ts']))).toBe('name-invalid')
  })

  test('no part at all names no file', () => {
    expect(codeOf(() => safePath([]))).toBe('name-missing')
  })
})

describe('percent escapes', () => {
  test.each([
    ['my%20stream%20%C3%A9.ts', 'my stream é.ts'],
    ['100%.ts', '100%.ts'],
    ['init_%v_0.mp4', 'init_%v_0.mp4'],
    ['%ff.ts', '%ff.ts'],
    ['a+b.ts', 'a+b.ts'],
    ['%41%c3%28.ts', '%41%c3%28.ts'],
    ['a%2520b.ts', 'a%20b.ts'],
  ])('%s is %s', (raw, decoded) => {
    expect(decodePercent(raw)).toBe(decoded)
    expect(safePath([raw])).toBe(decoded)
  })

  test('every name that is encoded comes back as it was', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(fc.property(text, (name) => void expect(decodePercent(encodeURIComponent(name))).toBe(name)))
  })
})

test('folder and last part make the path', () => {
  expect([folderOf('a/b/c.ts'), baseName('a/b/c.ts')]).toEqual(['a/b/', 'c.ts'])
  expect([folderOf('c.ts'), baseName('c.ts')]).toEqual(['', 'c.ts'])
})
