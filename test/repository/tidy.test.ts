import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './generated-docs.ts'
import { filesBelow, readSource } from './source-files.ts'

const MAX_LINES = 300
/** Marks of unfinished work. */
const LEFTOVER = /\b(?:TODO|FIXME|XXX|HACK)\b/
/** Paths of one machine. */
const MACHINE_PATH = /(?<![\w.:}-])\/(?:root|tmp|home|work)\//

const sources = filesBelow('src', '.ts')
const pages = [
  ...filesBelow('docs', '.md'),
  ...['README.md'].filter((path) => existsSync(join(ROOT, path))).map(readSource),
]
const pathsWith = (pattern: RegExp) =>
  [...sources, ...pages].filter(({ text }) => pattern.test(text)).map(({ path }) => path)

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(30)
  expect(pages.length).toBeGreaterThan(1)
})

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const long = sources.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES)
  expect(long.map(({ path }) => path)).toEqual([])
})

test('no unfinished work is left in source and docs', () => {
  expect(pathsWith(LEFTOVER)).toEqual([])
})

test('no path of one machine stands in source and docs', () => {
  expect(pathsWith(MACHINE_PATH)).toEqual([])
  for (const folder of ['root', 'tmp', 'home']) expect(` /${folder}/x`).toMatch(MACHINE_PATH)
  for (const folder of ['root', 'tmp', 'home']) expect(`src/${folder}/x`).not.toMatch(MACHINE_PATH)
})
