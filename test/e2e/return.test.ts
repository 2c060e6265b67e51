import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readServed } from '../../src/testing/served-playlist.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { killStartedServers, type ServerProcess, startServer } from '../support/server-process.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'
import { DATE, DatedBroadcast, END, SEGMENTS, segmentsOf } from './support/dated-broadcast.ts'

const NEW_DATE = '-2026-11-22_13-00-00.000'
const NEW_SEGMENTS = 5
const GONE_MS = 90_000
const PREFIX = 'live/streams/'

let dataDir: string
let bucket: S3Server | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-return-'))
})

afterEach(async () => {
  await killStartedServers()
  await bucket?.stop()
  bucket = undefined
  rmSync(dataDir, { recursive: true, force: true })
})

function start(): Promise<ServerProcess> {
  const settings = {
    DELETE_HLS_FILES_ON_ENDED: 'live=true',
    DELETE_AFTER_SECONDS: '5',
    PLAYLIST_WRITE_SECONDS: '1',
    DURABILITY: 'os',
    LOG_LEVEL: 'info',
  }
  return startServer({ dataDir, settings: { ...settings, ...(bucket === undefined ? {} : s3Environment(bucket.url)) } })
}

/** What the store has under a name; undefined when there is nothing. */
function stored(name: string): string | undefined {
  const key = PREFIX + name
  if (bucket !== undefined) return bucket.objects.get(key)?.bytes.toString()
  try {
    return readFileSync(join(dataDir, key), 'utf8')
  } catch {
    return undefined
  }
}

/** A stream of one segment, which has ended. */
async function sendEnded(encoder: DatedBroadcast, stream: string): Promise<void> {
  await encoder.put(`${stream}0.ts`, `of ${stream}`)
  await encoder.put(`${stream}.m3u8`, mediaList(0, [`${stream}0.ts`], END))
}

async function untilRemoved(server: ServerProcess, stream: string): Promise<void> {
  const isRemoved = (line: string) => line.includes('"removed"') && line.includes(`"${stream}"`)
  await until(`${stream} gone`, () => (server.stdout().split('\n').some(isRemoved) ? true : undefined), GONE_MS)
}

test.each([
  ['disk', 'its encoder comes back'],
  ['s3', 'its encoder comes back'],
  ['disk', 'the receiver is killed and started again, and its encoder comes back'],
  ['s3', 'the receiver is killed and started again, and its encoder comes back'],
])('3,000 files of a stream stay in the store %s, when before they would go %s', async (kind, what) => {
  bucket = kind === 's3' ? await startS3Server() : undefined
  let server = await start()
  const encoder = new DatedBroadcast(server.url)
  await encoder.live(DATE, SEGMENTS, true)
  const lists = ['_360p800kbps', '_720p2000kbps'].map((rendition) => `cam1${DATE}${rendition}.m3u8`)
  for (const list of lists) expect(await encoder.served(list)).toContain(END)
  if (what.includes('killed')) {
    await sendEnded(encoder, 'at-kill')
    await server.kill9()
    server = await start()
    encoder.url = server.url
  }
  await encoder.live(NEW_DATE, NEW_SEGMENTS, false)

  // These end later, or are looked at later, than the stream would have gone: it was its turn.
  await sendEnded(encoder, 'after')
  if (what.includes('killed')) await untilRemoved(server, 'at-kill')
  await untilRemoved(server, 'after')
  expect(server.stdout()).not.toContain('"stream":"cam1"')

  const isThere = (name: string) => stored(name) !== undefined
  await until('all in the store', () => ([...encoder.sent.keys()].every(isThere) ? true : undefined), GONE_MS)
  expect(encoder.sent.size).toBe(2 * (SEGMENTS + 1) + 2 * (NEW_SEGMENTS + 1))
  expect([...encoder.sent].filter(([name, body]) => stored(name) !== body).map(([name]) => name)).toEqual([])
  expect([...encoder.playlists]).toHaveLength(6)
  for (const name of encoder.playlists) {
    expect(stored(name), name).toBe(await encoder.served(name))
    expect(await encoder.missing(name)).toEqual([])
  }
  for (const list of lists) {
    const { entries } = readServed((await encoder.served(`${list}?playlist=vod`)) ?? '')
    expect(entries.map(({ uri, isGap }) => (isGap ? 'GAP' : uri))).toEqual(
      segmentsOf(list.replace('.m3u8', ''), SEGMENTS),
    )
  }
})
