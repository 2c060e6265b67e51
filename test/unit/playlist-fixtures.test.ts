import { describe, expect, test } from 'vitest'
import { FINDINGS } from '../../src/core/playlist/findings.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { readLines } from '../../src/core/playlist/scan.ts'
import { checkedFixtures, playlistFixtures } from '../support/playlist-fixtures.ts'

const MIN_REAL = 200
const MIN_GOOD = 25
const real = playlistFixtures()
const checked = checkedFixtures()
const findingsOf = (bytes: Uint8Array) => readPlaylist(readLines(bytes)).findings

describe('what real encoders wrote', () => {
  test('is there', () => {
    expect(real.length).toBeGreaterThanOrEqual(MIN_REAL)
  })

  test.each(real)('$name has no error', ({ bytes }) => {
    expect(findingsOf(bytes).filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

describe('each written playlist has the findings that are expected, and no other', () => {
  test.each(checked)('$name', ({ bytes, findings }) => {
    const found = findingsOf(bytes)
    expect(found.map(({ line, severity, section, code }) => `${line} ${severity} ${section} ${code}`)).toEqual(findings)
  })

  test('good ones have none, bad ones some', () => {
    const good = checked.filter(({ name }) => name.includes('/good/'))
    expect(good.length).toBeGreaterThanOrEqual(MIN_GOOD)
    expect(good.filter(({ findings }) => findings.length > 0)).toEqual([])
    const bad = checked.filter(({ name }) => name.includes('/bad/'))
    expect(bad.filter(({ findings }) => findings.length === 0)).toEqual([])
  })

  test('every code of the table is found in one', () => {
    const found = new Set(checked.flatMap(({ findings }) => findings.map((finding) => finding.split(' ').at(-1))))
    expect([...found].sort()).toEqual(Object.keys(FINDINGS).sort())
  })
})
