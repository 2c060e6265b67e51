import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { playlistPaths } from '../support/captures.ts'
import { cases } from './cases.ts'
import { expectedFile } from './expected-files.ts'
import { expectedText } from './expected-text.ts'

test('every capture with a playlist has its expected playlists in fixtures/, and no other has', () => {
  const root = dirname(dirname(expectedFile({ name: 'x', requests: [], closedAt: new Map() }, 'y')))
  expect(readdirSync(root).sort()).toEqual(cases.map(({ name }) => name).sort())
  expect(cases.length).toBeGreaterThan(30)
})

test.each(cases.flatMap((capture) => playlistPaths(capture).map((path) => ({ name: capture.name, path, capture }))))(
  '$name: $path in fixtures/ is what the encoder said',
  ({ capture, path }) => {
    expect(expectedText(capture, path)).toBe(readFileSync(expectedFile(capture, path), 'utf8'))
  },
)
