import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openLmdbJournal } from '../../src/node/lmdb-journal.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

/** Segments of each of two renditions. */
const SEGMENTS = 1_500
const DELAY_SECONDS = 2
/** Uploads at once. */
const AT_ONCE = 32
const GONE_MS = 60_000
const DATE = '-2026-11-22_12-00-00.000'
const END = '#EXT-X-ENDLIST'

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
  return all.filter((key) => isGone(key) && !/^[Hy]\//.test(key))
}

const settings = {
  DELETE_HLS_FILES_ON_ENDED: 'live/cam1=true',
  DELETE_AFTER_SECONDS: String(DELAY_SECONDS),
  PLAYLIST_WRITE_SECONDS: '1',
  DURABILITY: 'os',
}

async function put(name: string, body: string): Promise<void> {
  const answer = await fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
}

async function putAll(files: readonly (readonly [string, string])[]): Promise<void> {
  const left = [...files]
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await put(...next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

const nine = (number: number) => String(number).padStart(9, '0')
const segmentsOf = (list: string, count: number) => Array.from({ length: count }, (_, at) => `${list}${nine(at)}.m4s`)

/** Streams whose names begin alike, also in another folder. */
async function others(): Promise<void> {
  for (const stream of ['cam12', 'cam', 'sub/cam']) {
    const own = stream.replace('sub/', '')
    await putAll(segmentsOf(stream, 5).map((name) => [name, `of ${name}`]))
    await put(`${stream}.m3u8`, mediaList(0, segmentsOf(own, 5), END))
  }
}

/** Two renditions of `cam1`, fMP4 with init sections, dated names, and a multivariant playlist. */
async function broadcast(): Promise<void> {
  const lists = ['_360p800kbps', '_720p2000kbps'].map((rendition) => `cam1${DATE}${rendition}`)
  for (const list of lists) {
    const init = `${list}_1700000000000_init.mp4`
    await put(init, `init of ${list}`)
    const all = segmentsOf(list, SEGMENTS)
    await putAll(all.map((name, at) => [name, at % 100 === 0 ? 'large'.repeat(20_000) + name : `of ${name}`]))
    const map = `#EXT-X-MAP:URI="${init}"`
    for (let first = 0; first < SEGMENTS; first += 300)
      await put(`${list}.m3u8`, mediaList(first, [map, ...all.slice(first, first + 301)]))
    await put(`${list}.m3u8`, mediaList(SEGMENTS - 3, [map, ...all.slice(-3)], END))
  }
  const variants = lists.map((list) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${list}.m3u8\n`)
  await put(`cam1${DATE}_adaptive.m3u8`, `#EXTM3U\n${variants.join('')}`)
}

/** Looks at a playlist and all that it names; gives what was missing. */
async function missing(name: string): Promise<string[]> {
  const answer = await fetch(`${receiver.url}/live/streams/${name}`)
  const text = await answer.text()
  if (!answer.ok) return []
  const { entries } = readServed(text)
  const uris = entries.flatMap(({ uri, map }) => (map === undefined ? [uri] : [uri, map.uri]))
  const answers = await Promise.all(uris.map((uri) => fetch(`${receiver.url}/live/streams/${uri}`)))
  await Promise.all(answers.map((each) => each.arrayBuffer()))
  return uris.filter((_, at) => answers[at]?.ok !== true)
}

function filesBelow(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
  return all.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort()
}

const isGone = (name: string) => name.includes('cam1-2026')

test.each(['disk', 's3'])(
  '3,000 files of a stream that has ended go from the store %s, and nothing else',
  async (kind) => {
    server = kind === 's3' ? await startS3Server() : undefined
    receiver = await startReceiver(server === undefined ? settings : { ...settings, ...s3Environment(server.url) })
    const stored = () =>
      server === undefined ? filesBelow(join(receiver.dataDir, 'live')) : server.objects.all().map(({ key }) => key)
    await others()
    const before = await until('others in the store', () =>
      stored().filter((key) => key.endsWith('.m3u8')).length >= 6 ? stored() : undefined,
    )
    await broadcast()
    await until(
      'all in the store',
      () => (stored().filter(isGone).length > 2 * SEGMENTS + 2 ? true : undefined),
      GONE_MS,
    )
    const wrong: string[] = []
    await until(
      'the stream gone',
      async () => {
        wrong.push(...(await missing(`cam1${DATE}_360p800kbps.m3u8`)))
        return stored().some(isGone) ? undefined : true
      },
      GONE_MS,
    )
    expect(wrong).toEqual([])
    expect(stored().filter((key) => !key.includes('owner'))).toEqual(before.filter((key) => !key.includes('owner')))
    expect(await missing('cam12.m3u8')).toEqual([])
    await until('the end of the removal', () =>
      receiver.logLines.some((line) => line.includes('"removed"')) ? true : undefined,
    )
    expect(readdirSync(join(receiver.dataDir, '.receiver/bodies'))).toEqual([])
    await receiver.stop({ keepData: true })
    expect(await journalOf(receiver)).toEqual([])
  },
)
