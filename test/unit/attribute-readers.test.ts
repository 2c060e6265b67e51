import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePlaylist } from '../../src/core/playlist/parse.ts'
import { linesOf, viewOf } from '../../src/core/playlist/rules/view.ts'
import { NOTHING_SKIPPED, scanLines } from '../../src/core/playlist/scan.ts'
import { attributeOf, attributes } from '../../src/core/playlist/tags.ts'

const TAG = '#EXT-X-DATERANGE'
const RUNS = 4_000

const text = (unit: string) => fc.string({ unit: fc.constantFrom(...unit), maxLength: 6 })
const space = fc.constantFrom('', '', '', ' ', '\t ')
const name = fc.string({ unit: fc.constantFrom(...'ABC-1'), minLength: 1, maxLength: 3 })
const quoted = text('aé🎬 ,=:#').map((value) => `"${value}"`)
const plain = text('aé🎬=:#0. ')
const attribute = fc
  .tuple(space, name, fc.oneof(quoted, plain), space)
  .map(([before, key, value, behind]) => `${before}${key}=${value}${behind}`)
const list = fc.oneof(
  fc.array(attribute, { maxLength: 4 }).map((all) => all.join(',')),
  fc.string({ unit: fc.constantFrom(...'AB=," '), maxLength: 12 }),
)

test('the reader of the rules and the reader of URIs find the same in every well-formed list', () => {
  let longest = 0
  const property = fc.property(list, (written) => {
    const lines = ['#EXTM3U', `${TAG}:${written}`]
    const [read] = linesOf(viewOf(scanLines(lines), parsePlaylist(lines), NOTHING_SKIPPED), TAG)
    fc.pre(read?.isMalformed === false)
    const line = lines[1] ?? ''
    const found = [...attributes(line)]
    expect(new Set(found.map((one) => one.name))).toEqual(new Set(read?.attributes.keys()))
    for (const [key, value] of read?.attributes ?? []) expect(attributeOf(line, key)?.value).toBe(value)
    for (const { value, start } of found) expect(line.slice(start, start + value.length)).toBe(value)
    for (const { start, isQuoted } of found) expect(line[start - 1] === '"').toBe(isQuoted)
    longest = Math.max(longest, found.length)
  })
  fc.assert(property, { numRuns: RUNS })
  expect(longest).toBeGreaterThan(2)
})
