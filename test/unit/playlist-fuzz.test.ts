import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_FINDINGS } from '../../src/core/playlist/check.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { readLines } from '../../src/core/playlist/scan.ts'
import { codeOf } from '../support/code-of.ts'
import { checkedFixtures, playlistFixtures } from '../support/playlist-fixtures.ts'

const MANY_RUNS = 50_000
const BYTE_RUNS = 2_000
const utf8 = new TextEncoder()
/** Shorter ones are as good for mutations, and cheaper. */
const MAX_LINES = 60

const seeds = [...checkedFixtures(), ...playlistFixtures()]
  .map(({ bytes }) => readLines(bytes))
  .filter((lines) => lines.length <= MAX_LINES)

/** Everything that the prototypes of objects, functions and arrays hold, and what their functions hold in turn. */
function builtins(): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const prototype of [Object.prototype, Function.prototype, Array.prototype]) {
    for (const [key, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const held: unknown = value ?? get
      values.set(`${prototype.constructor.name}.${key}`, held)
      if (typeof held !== 'function') continue
      for (const [inner, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(held))) {
        values.set(`${prototype.constructor.name}.${key}.${inner}`, descriptor.value ?? descriptor.get)
      }
    }
  }
  return values
}

function expectReading(lines: readonly string[]): void {
  const bytes = utf8.encode(`#EXTM3U\n${lines.join('\n')}\n`)
  const code = codeOf(() => {
    const { scanned, findings } = readPlaylist(readLines(bytes))
    if (findings.length > MAX_FINDINGS) throw new Error('too many findings')
    if (findings.some(({ line }) => line < 1 || line > scanned.lines.length)) throw new Error('no such line')
  })
  if (code !== undefined && code !== 'playlist-invalid') throw new Error(`refused as ${code}`)
}

const TAGS = [...new Set(seeds.flat().map((line) => (line.startsWith('#EXT') ? line.replace(/:.*/, '') : '')))]
const words = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', '__PROTO__', '', '0', '-1', '1e999', '9'.repeat(400), '0x', '0x12', 'NaN', 'YES', 'NONE', 'AES-128'],
  ...['AUDIO', 'TYPE', 'GROUP-ID', 'NAME', 'URI', 'METHOD', 'IV', 'ID', 'BANDWIDTH', 'BYTERANGE', 'X-A-B', 'KEYFORMAT'],
  ...['urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed', 'data:text/plain;base64,%%%', '{$a}', '10@5', '10', '@', 'é🎬'],
]
const word = fc.constantFrom(...words)
const separator = fc.constantFrom('=', ',', '="', '",', '"', ' ', ':', '\t', '\r', '\u2028', '\0', "'")
const list = fc.array(fc.oneof(word, separator), { maxLength: 12 }).map((parts) => parts.join(''))
const wellFormed = fc
  .array(fc.tuple(word, word), { maxLength: 5 })
  .map((pairs) => pairs.map(([name, value]) => `${name}="${value}"`).join(','))
const hostileLine = fc.oneof(
  fc.tuple(fc.constantFrom(...TAGS), fc.oneof(list, wellFormed)).map(([tag, value]) => `${tag}:${value}`),
  fc.constantFrom(...seeds.flat()),
  list,
)

/** Another playlist: lines of one dropped, doubled, swapped, cut short, or hostile ones put in. */
function mutate(lines: readonly string[], steps: readonly Step[]): string[] {
  const mutated = [...lines]
  for (const { kind, at, line } of steps) {
    const index = at % Math.max(1, mutated.length)
    const here = mutated[index] ?? ''
    if (kind === 'drop') mutated.splice(index, 1)
    else if (kind === 'double') mutated.splice(index, 0, here)
    else if (kind === 'swap') mutated.splice(index, 2, mutated[index + 1] ?? '', here)
    else if (kind === 'cut') mutated[index] = here.slice(0, here.length / 2)
    else mutated.splice(index, 0, line)
  }
  return mutated
}

interface Step {
  readonly kind: 'drop' | 'double' | 'swap' | 'cut' | 'put'
  readonly at: number
  readonly line: string
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('drop', 'double', 'swap', 'cut', 'put'),
  at: fc.nat(MAX_LINES),
  line: hostileLine,
})

describe('any playlist is read, or refused as playlist-invalid, and touches nothing else', () => {
  let before = new Map<string, unknown>()
  beforeAll(() => {
    before = builtins()
  })
  afterAll(() => {
    const after = builtins()
    expect([...after.keys()]).toEqual([...before.keys()])
    expect([...after].filter(([key, value]) => !Object.is(value, before.get(key)))).toEqual([])
    expect(before.size).toBeGreaterThan(100)
  })

  test(`${MANY_RUNS} lists of hostile lines`, () => {
    fc.assert(fc.property(fc.array(hostileLine, { maxLength: 8 }), expectReading), { numRuns: MANY_RUNS })
  })

  test(`${MANY_RUNS} mutations of real and written playlists`, () => {
    const mutation = fc.tuple(fc.constantFrom(...seeds), fc.array(step, { minLength: 1, maxLength: 4 }))
    fc.assert(
      fc.property(mutation, ([lines, steps]) => expectReading(mutate(lines, steps))),
      { numRuns: MANY_RUNS },
    )
  })

  test(`${BYTE_RUNS} lists of any bytes`, () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const all = new Uint8Array([...utf8.encode('#EXTM3U\n'), ...bytes, 0x0a])
      expect([undefined, 'playlist-invalid']).toContain(codeOf(() => readPlaylist(readLines(all))))
    })
    fc.assert(property, { numRuns: BYTE_RUNS })
  })
})
