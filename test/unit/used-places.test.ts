import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import type { Journal } from '../../src/core/ports.ts'
import { rememberIds } from '../../src/node/ids.ts'
import { usedPlaces } from '../../src/node/used-places.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'

const newJournal = () => rememberIds(memoryJournal()).journal

/** Where it is looked for files in a life with these bits; `disk` stands for one without a bucket. */
async function places(journal: Journal, bits: number | 'disk'): Promise<string[]> {
  const s3 = { STORE: 's3', S3_BUCKET: 'x', APPS: 'live', UPLOAD_EXTENSIONS_TO_S3: String(bits) }
  return [...(await usedPlaces(journal, readConfig(bits === 'disk' ? {} : s3)))].sort()
}

test('a receiver looks for files where they go, and nowhere else', async () => {
  expect(await places(newJournal(), 7)).toEqual(['hls in bucket', 'preview in bucket', 'vod in bucket'])
  expect(await places(newJournal(), 5)).toEqual(['hls on disk', 'preview in bucket', 'vod in bucket'])
  expect(await places(newJournal(), 2)).toEqual(['hls in bucket'])
  expect(await places(newJournal(), 0)).toEqual(['hls on disk'])
  expect(await places(newJournal(), 'disk')).toEqual(['hls on disk'])
})

test('and where they went in earlier lives', async () => {
  const journal = newJournal()
  await places(journal, 'disk')
  expect(await places(journal, 3)).toEqual(['hls in bucket', 'hls on disk', 'vod in bucket'])
  expect(await places(journal, 0)).toEqual(['hls in bucket', 'hls on disk', 'vod in bucket'])
  expect(await places(journal, 4)).toEqual(['hls in bucket', 'hls on disk', 'preview in bucket', 'vod in bucket'])
})

test('of lives that did not remember it nobody knows', async () => {
  const journal = newJournal()
  await journal.commit([{ key: 's/live/a.ts', value: new Uint8Array(0) }])
  expect(await places(journal, 2)).toEqual(['hls in bucket', 'hls on disk'])
})
