import { describe, expect, test } from 'vitest'
import { ATTRIBUTE_LIST_TAGS, assertHarmless, MAX_SPACE_RUN } from '../../src/core/playlist/guard.ts'
import { codeOf } from '../support/code-of.ts'

const guard = (...lines: readonly string[]) => codeOf(() => assertHarmless(['#EXTM3U', ...lines]))
const inherited = Object.getOwnPropertyNames(Object.prototype)

describe('P7: what every object has already is no name of an attribute, and no value', () => {
  test('the names are known', () => {
    expect(inherited).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'toString', '__defineGetter__']))
  })

  test.each(inherited)('%s', (name) => {
    for (const tag of ATTRIBUTE_LIST_TAGS) {
      expect(guard(`${tag}:${name}=x`)).toBe('playlist-invalid')
      expect(guard(`${tag}:A=1,${name}="x",B=2`)).toBe('playlist-invalid')
      expect(guard(`${tag}:A=${name}`)).toBe('playlist-invalid')
      expect(guard(`  ${tag}:A=1,GROUP-ID="${name}",NAME="x"`)).toBe('playlist-invalid')
    }
  })

  test.each([
    'GROUP-ID= "__proto__" ,NAME="x"',
    'GROUP-ID=\'__proto__\',NAME="x"',
    'GROUP-ID=__proto__ ,NAME="x"',
    'GROUP-ID="\t__proto__",NAME="x"',
    'GROUP-ID="\u00a0__proto__",NAME="x"',
    ' __proto__ = "x"',
    'GROUP-ID="__proto__',
    'X="a,__proto__="',
  ])('%j, however it is written', (list) => {
    expect(guard(`#EXT-X-MEDIA:TYPE=AUDIO,${list}`)).toBe('playlist-invalid')
  })

  test('each goes on being a word elsewhere', () => {
    for (const name of inherited) {
      const lines = [
        `#EXTINF:2,${name}`,
        `#EXTINF:2,a=${name},b`,
        name,
        `${name}/${name}.ts?${name}=${name}`,
        `# ${name}=${name}`,
        `#EXT-X-VENDOR:${name}=${name}`,
        `#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example.com/${name}/k.key"`,
        `#EXT-X-DATERANGE:ID="the ${name}",X-NOTE="${name} of it",X-${name}=1`,
        `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="urn:${name}",NAME="${name}s"`,
      ]
      expect(guard(...lines)).toBeUndefined()
    }
  })
})

describe('P2: no line is two lines to a player', () => {
  test.each(['\r', '\u2028', '\u2029'])('%j within a line is refused', (end) => {
    for (const line of [
      `# comment${end}other.ts`,
      `a${end}.ts`,
      `#EXT-X-ME${end}DIA:TYPE=AUDIO`,
      `#EXTINF:2,${end}x`,
    ]) {
      expect(guard(line)).toBe('playlist-invalid')
    }
  })

  test('at the ends of a line it is white space', () => {
    expect(guard('a.ts\r', '\r', '\u2028a.ts')).toBeUndefined()
  })
})

describe('P6: white space in attribute lists is bounded', () => {
  const list = (spaces: number) => `#EXT-X-STREAM-INF:A${' '.repeat(spaces)}B=1`

  test('up to the limit, and not beyond', () => {
    expect(guard(list(MAX_SPACE_RUN))).toBeUndefined()
    expect(guard(list(MAX_SPACE_RUN + 1))).toBe('playlist-invalid')
  })

  test('titles, URIs and comments may have more', () => {
    const space = ' '.repeat(8_000)
    expect(guard(`#EXTINF:2,a${space}b`, `a${space}b.ts`, `#${space}x`)).toBeUndefined()
  })
})

test('the message names the line, and nothing of what it holds', () => {
  expect(() => assertHarmless(['#EXTM3U', '#EXT-X-KEY:METHOD=NONE,URI="secret",A=__proto__'])).toThrow(
    /Line 2 has an attribute with a reserved name or value\.$/,
  )
})
