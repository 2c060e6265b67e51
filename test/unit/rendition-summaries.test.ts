import { beforeEach, describe, expect, test } from 'vitest'
import { MAX_PLAYLIST_STATES, MAX_RENDITIONS } from '../../src/core/limits.ts'
import { PlaylistStates } from '../../src/core/playlist-states.ts'
import { keys } from '../../src/core/records.ts'
import { RenditionSummaries } from '../../src/core/variants/rendition-summaries.ts'
import { publish, urisOf } from '../support/renditions.ts'
import { Trial } from '../support/trial.ts'

const APP = 'live'
const LOW = 'cam_240p500kbps.m3u8'
const SILENT = { info: () => {}, warn: () => {}, error: () => {} }

let trial: Trial
let states: PlaylistStates
let summaries: RenditionSummaries
/** How often the record of LOW was read. */
let reads: number

beforeEach(async () => {
  trial = new Trial()
  await publish(trial, [LOW])
  const get = trial.journal.get.bind(trial.journal)
  reads = 0
  trial.journal.get = (key) => {
    if (key === keys.playlist(APP, LOW)) reads++
    return get(key)
  }
  const { journal } = trial
  states = new PlaylistStates(journal, SILENT)
  summaries = new RenditionSummaries({ journal, states, object: () => undefined })
})

/** Uses so many other playlists that none from before is left in memory. */
function evictAll(): void {
  for (let index = 0; index < MAX_PLAYLIST_STATES; index++) states.use(APP, `other${index}.m3u8`)
}

describe('P6: what counts of a rendition', () => {
  test('is known without its record, once that was read', () => {
    const first = summaries.of(APP, LOW)
    expect(first?.version).toBe(1)
    expect(reads).toBeGreaterThan(0)
    evictAll()
    reads = 0
    expect(summaries.of(APP, LOW)).toBe(first)
    expect(reads).toBe(0)
  })

  test('is read anew when another version was published', async () => {
    summaries.of(APP, LOW)
    evictAll()
    await publish(trial, [LOW], { number: 1 })
    summaries.forget(APP, LOW)
    expect(summaries.of(APP, LOW)?.version).toBe(2)
  })

  test('is that of the record in memory', async () => {
    summaries.of(APP, LOW)
    const state = states.use(APP, LOW)
    if (state.record?.served === undefined) throw new Error('not served')
    state.record = { ...state.record, served: { ...state.record.served, version: 7 } }
    expect(summaries.of(APP, LOW)?.version).toBe(7)
    state.record = undefined
    expect(summaries.of(APP, LOW)).toBeUndefined()
  })
})

test('P6: a multivariant playlist is made of so many at most', async () => {
  const many = Array.from({ length: MAX_RENDITIONS + 1 }, (_, index) => `big_${index + 1}p.m3u8`)
  await publish(trial, many)
  expect(urisOf(await trial.served('big_adaptive.m3u8'))).toHaveLength(MAX_RENDITIONS)
})
