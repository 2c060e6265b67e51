import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findFfmpeg } from '../../src/recording/find-ffmpeg.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hls-receiver-find-'))
  for (const name of ['empty', 'plain', 'good']) mkdirSync(join(folder, name))
  mkdirSync(join(folder, 'empty', 'ffmpeg'))
  for (const name of ['plain', 'good']) writeFileSync(join(folder, name, 'ffmpeg'), '#!/bin/sh\n')
  chmodSync(join(folder, 'good', 'ffmpeg'), 0o755)
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('the first program of that name in PATH, no folder and no other file', () => {
  const searched = ['', '.', 'empty', 'plain', 'good'].map((name) => (name.length > 1 ? join(folder, name) : name))
  expect(findFfmpeg('', searched.join(delimiter))).toEqual({ path: join(folder, 'good', 'ffmpeg') })
})

test('the one that is set goes before', () => {
  const path = join(folder, 'good', 'ffmpeg')
  expect(findFfmpeg(path, '')).toEqual({ path })
})

test('one that is set and cannot be run is told, not passed over', () => {
  for (const path of [join(folder, 'plain', 'ffmpeg'), join(folder, 'none'), join(folder, 'good')]) {
    const found = findFfmpeg(path, join(folder, 'good'))
    expect(found).toEqual({ missing: `FFMPEG_PATH ${path} is no program that can be run.` })
  }
})

test('where there is none, it is said what to do', () => {
  expect(findFfmpeg('', join(folder, 'plain'))).toMatchObject({ missing: expect.stringContaining('set FFMPEG_PATH') })
})
