import { expect, test } from 'vitest'
import { MAX_PLAYLIST_STATES } from '../../src/core/limits.ts'
import type { Finding, FindingCode } from '../../src/core/playlist/findings.ts'
import { PlaylistWarnings } from '../../src/core/playlist-warnings.ts'
import { silent } from '../simulation/world/surroundings.ts'
import { mediaList, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
/** 9 s in a list with a target duration of 2 s. */
const TOO_LONG = '#EXTINF:9.0,\na0.ts'
const finding = (code: FindingCode, line: number): Finding => ({ code, line, severity: 'warning', section: '' })

test('a playlist with a warning is accepted and served, counted each time, and logged once', async () => {
  const trial = new Trial()
  await trial.segments(['a0.ts'])
  for (let sent = 0; sent < 3; sent++) expect(await trial.put(LIST, mediaList(0, [TOO_LONG]))).not.toBe('empty')
  expect(await trial.served(LIST)).toBe(mediaList(0, [TOO_LONG]))
  expect([...trial.receiver.warnings.of('live', LIST)]).toEqual([['target-duration-exceeded', { count: 3, line: 5 }]])
  expect(trial.receiver.counts.playlistWarnings).toBe(3)
  expect(trial.log.filter(({ event }) => event === 'playlist warning')).toHaveLength(1)
  expect(trial.receiver.warnings.of('live', 'other.m3u8').size).toBe(0)
})

test('each kind of warning of each playlist is counted by itself, with its last line', () => {
  const warnings = new PlaylistWarnings(silent)
  warnings.add('live', LIST, [finding('tag-repeated', 3), finding('tag-dangling', 9), finding('tag-repeated', 4)])
  warnings.add('live', 'b.m3u8', [finding('tag-repeated', 7)])
  expect([...warnings.of('live', LIST)]).toEqual([
    ['tag-repeated', { count: 2, line: 4 }],
    ['tag-dangling', { count: 1, line: 9 }],
  ])
  expect(warnings.of('live', 'b.m3u8').get('tag-repeated')).toEqual({ count: 1, line: 7 })
  expect(warnings.total).toBe(4)
})

test('P6: the playlists warned of last are remembered, and no more than so many', () => {
  const warnings = new PlaylistWarnings(silent)
  const warn = (index: number) => warnings.add('live', `${index}.m3u8`, [finding('tag-repeated', 1)])
  for (let index = 0; index < MAX_PLAYLIST_STATES; index++) warn(index)
  warn(0)
  warn(MAX_PLAYLIST_STATES)
  expect(warnings.of('live', '0.m3u8').size).toBe(1)
  expect(warnings.of('live', '1.m3u8').size).toBe(0)
  expect(warnings.of('live', `${MAX_PLAYLIST_STATES}.m3u8`).size).toBe(1)
  expect(warnings.total).toBe(MAX_PLAYLIST_STATES + 2)
})
