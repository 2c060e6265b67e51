import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openLmdbJournal } from '../../src/node/lmdb-journal.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'
import { DATE, DatedBroadcast, END, isOfBroadcast, SEGMENTS, segmentsOf } from './support/dated-broadcast.ts'

const DELAY_SECONDS = 2
const GONE_MS = 60_000

let server: S3Server | undefined
let receiver: TestReceiver

afterEach(async () => {
  await server?.stop()
  server = undefined
  rmSync(receiver.dataDir, { recursive: true, force: true })
})

/** What the journal of a receiver that has stopped has of the stream. */
async function journalOf({ dataDir }: TestReceiver): Promise<string[]> {
  const journal = openLmdbJournal(join(dataDir, '.receiver/journal.mdb'), false)
  const all = [...journal.entries('')].map(([key, value]) => `${key}: ${Buffer.from(value).toString()}`)
  await journal.close()
  // Which names are not given again is all that is remembered.
  return all.filter((key) => isOfBroadcast(key) && !/^[Hy]\//.test(key))
}

const settings = {
  DELETE_HLS_FILES_ON_ENDED: 'live/cam1=true',
  DELETE_AFTER_SECONDS: String(DELAY_SECONDS),
  PLAYLIST_WRITE_SECONDS: '1',
  DURABILITY: 'os',
}

/** Streams whose names begin alike, also in another folder. */
async function others(encoder: DatedBroadcast): Promise<void> {
  for (const stream of ['cam12', 'cam', 'sub/cam']) {
    const own = stream.replace('sub/', '')
    await encoder.putAll(segmentsOf(stream, 5).map((name) => [name, `of ${name}`]))
    await encoder.put(`${stream}.m3u8`, mediaList(0, segmentsOf(own, 5), END))
  }
}

function filesBelow(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
  return all.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort()
}

test.each(['disk', 's3'])(
  '3,000 files of a stream that has ended go from the store %s, and nothing else',
  async (kind) => {
    server = kind === 's3' ? await startS3Server() : undefined
    receiver = await startReceiver(server === undefined ? settings : { ...settings, ...s3Environment(server.url) })
    const stored = () =>
      server === undefined ? filesBelow(join(receiver.dataDir, 'live')) : server.objects.all().map(({ key }) => key)
    const encoder = new DatedBroadcast(receiver.url)
    await others(encoder)
    const before = await until('others in the store', () =>
      stored().filter((key) => key.endsWith('.m3u8')).length >= 6 ? stored() : undefined,
    )
    await encoder.live(DATE, SEGMENTS, true)
    await until(
      'all in the store',
      () => (stored().filter(isOfBroadcast).length > 2 * SEGMENTS + 2 ? true : undefined),
      GONE_MS,
    )
    const wrong: string[] = []
    await until(
      'the stream gone',
      async () => {
        wrong.push(...(await encoder.missing(`cam1${DATE}_360p800kbps.m3u8`)))
        return stored().some(isOfBroadcast) ? undefined : true
      },
      GONE_MS,
    )
    expect(wrong).toEqual([])
    expect(stored().filter((key) => !key.includes('owner'))).toEqual(before.filter((key) => !key.includes('owner')))
    expect(await encoder.missing('cam12.m3u8')).toEqual([])
    await until('the end of the removal', () =>
      receiver.logLines.some((line) => line.includes('"removed"')) ? true : undefined,
    )
    expect(readdirSync(join(receiver.dataDir, '.receiver/bodies'))).toEqual([])
    await receiver.stop({ keepData: true })
    expect(await journalOf(receiver)).toEqual([])
  },
)
