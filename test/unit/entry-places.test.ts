import { expect, test } from 'vitest'
import type { ArchivedEntry } from '../../src/core/archive/archived-entry.ts'
import { EntryPlaces } from '../../src/core/take-over/entry-places.ts'

const HOLE = /^\?/

/** `a` is a segment, `?` a hole. */
function entry(name: string, number: number): ArchivedEntry {
  const segment = HOLE.test(name) ? {} : { segment: { stored: name, id: name } }
  return { number, lines: [], shared: [], isBreak: false, uri: name, isGap: HOLE.test(name), from: '', ...segment }
}

/** What becomes of a text that begins with the number 0 beside a live list that begins with `first`; a `+` is one that nobody named. */
function placed(text: string, live: string, first: number, end = Number.POSITIVE_INFINITY): string {
  const places = new EntryPlaces([...live].map((name, index) => entry(name, first + index)))
  const all = [...text].flatMap((name, index) => places.place(entry(name, index), Math.min(end, first)))
  const shown = all.map(({ number, uri, added }) => `${number}${uri}${added === undefined ? '' : '+'}`)
  return `${shown.join(' ')} | ${places.rest === undefined ? '' : `${places.rest.number}${places.rest.uri}`}`
}

test.each([
  ['a text that ends before the live list', 'abc', 'ef', 4, '0a 1b 2c | 4e'],
  ['one that the live list goes on from', 'abcd', 'cdef', 2, '0a 1b 2c 3d | 4e'],
  ['one that has all of the live list', 'abcd', 'cd', 2, '0a 1b 2c 3d | '],
  ['numbers that were left out', 'abcd', 'cd', 9, '0a 1b 9c 10d | '],
  ['what nobody named, before the live list', 'abxyc', 'cd', 2, '0a 1b 1x+ 1y+ 2c | 3d'],
  ['what nobody named, behind it', 'abcx', 'bc', 1, '0a 1b 2c 2x+ | '],
  ['what nobody named, within it', 'abxcd', 'abcd', 0, '0a 1b 1x+ 2c 3d | '],
  ['a hole in both', 'ab?d', 'b?d', 1, '0a 1b 2? 3d | '],
  ['a hole that was filled when the live list was written', 'abcd', 'b?d', 1, '0a 1b 2c 3d | '],
  ['a hole that was not filled yet when the text was written', 'ab?d', 'bcd', 1, '0a 1b 2c 3d | '],
  ['a hole at the end of both', 'ab?', 'b?', 1, '0a 1b 2? | '],
  ['a hole at the beginning of both', '?bc', '?bc', 0, '0? 1b 2c | '],
  ['a segment that stands there twice', 'abab', 'abab', 0, '0a 1b 2a 3b | '],
])('%s', (_what, text, live, first, expected) => {
  expect(placed(text, live, first)).toBe(expected)
})
