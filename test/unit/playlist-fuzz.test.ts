import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_FINDINGS } from '../../src/core/playlist/check.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { readLines } from '../../src/core/playlist/scan.ts'
import { codeOf } from '../support/code-of.ts'
import { hostileLine, mutatedPlaylist } from '../support/playlist-arbitraries.ts'

const MANY_RUNS = 50_000
const BYTE_RUNS = 2_000
const utf8 = new TextEncoder()

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
    fc.assert(fc.property(mutatedPlaylist, expectReading), { numRuns: MANY_RUNS })
  })

  test(`${BYTE_RUNS} lists of any bytes`, () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const all = new Uint8Array([...utf8.encode('#EXTM3U\n'), ...bytes, 0x0a])
      expect([undefined, 'playlist-invalid']).toContain(codeOf(() => readPlaylist(readLines(all))))
    })
    fc.assert(property, { numRuns: BYTE_RUNS })
  })
})
