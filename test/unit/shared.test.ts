import { expect, test } from 'vitest'
import { scanLines } from '../../src/core/playlist/scan.ts'
import { sharedSites } from '../../src/core/playlist/shared.ts'

const map = (uri: string) => `#EXT-X-MAP:URI="${uri}"`
const key = (uri: string, format = 'identity') => `#EXT-X-KEY:METHOD=AES-128,URI="${uri}",KEYFORMAT="${format}"`
const NO_KEY = '#EXT-X-KEY:METHOD=NONE'
const entry = (uri: string) => ['#EXTINF:2,', uri]

/** The URIs that hold for each entry of a playlist with these lines. */
function sharedOf(...lines: readonly (string | readonly string[])[]): string[][] {
  const scanned = scanLines(['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines.flat()])
  return sharedSites(scanned).map((sites) => sites.map(({ uri }) => uri))
}

test('a MAP holds until the next MAP', () => {
  expect(sharedOf(entry('a'), map('m1'), entry('b'), entry('c'), map('m2'), entry('d'))).toEqual([
    [],
    ['m1'],
    ['m1'],
    ['m2'],
  ])
})

test('of two MAP above one entry the last holds', () => {
  expect(sharedOf(map('m1'), map('m2'), entry('a'))).toEqual([['m2']])
})

test('a KEY holds until the next KEY, and none after METHOD=NONE', () => {
  expect(sharedOf(key('k1'), entry('a'), entry('b'), key('k2'), entry('c'), NO_KEY, entry('d'))).toEqual([
    ['k1'],
    ['k1'],
    ['k2'],
    [],
  ])
})

test('KEYs of several formats above one entry hold together, and end together', () => {
  const both = [key('k1'), key('k2', 'com.example')]
  expect(sharedOf(both, entry('a'), entry('b'), key('k3'), entry('c'))).toEqual([['k1', 'k2'], ['k1', 'k2'], ['k3']])
})

test('a KEY and a MAP do not end each other, in whatever order, which is kept: it tells what a MAP is encrypted with', () => {
  expect(sharedOf(key('k1'), map('m1'), entry('a'), key('k2'), entry('b'), map('m2'), entry('c'))).toEqual([
    ['k1', 'm1'],
    ['m1', 'k2'],
    ['k2', 'm2'],
  ])
})

test('tags between EXTINF and the URI hold for that entry', () => {
  expect(sharedOf('#EXTINF:2,', map('m1'), key('k1'), 'a', entry('b'))).toEqual([
    ['m1', 'k1'],
    ['m1', 'k1'],
  ])
})

test('what was carried over from above holds until it is replaced', () => {
  const site = { start: 0, end: 0, entry: -1, range: undefined, text: '', served: '' }
  const carried = [
    { ...site, role: 'map' as const, uri: 'm0', line: -1 },
    { ...site, role: 'key' as const, uri: 'k0', line: -2 },
  ]
  const lines = ['#EXTM3U', ...entry('a'), key('k1'), ...entry('b'), map('m1'), ...entry('c')]
  const scanned = scanLines(lines, { entries: 3, rangeEnd: undefined, carried })
  expect(sharedSites(scanned).map((sites) => sites.map(({ uri }) => uri))).toEqual([
    ['m0', 'k0'],
    ['m0', 'k1'],
    ['k1', 'm1'],
  ])
})

test('parts, hints and other URIs are not shared', () => {
  expect(
    sharedOf('#EXT-X-PART:DURATION=1,URI="p"', '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="h"', '#EXT-X-X:URI="x"', entry('a')),
  ).toEqual([[]])
})
