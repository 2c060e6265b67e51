import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/schema.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { bytesOf } from '../conformance/store-bodies.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { put, type TestBucket, withBucket } from '../support/s3/test-bucket.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'
import { keepProduct, withStorage } from '../support/with-storage.ts'

const LARGE = 'x'.repeat(300_000)
const VIDEO = Buffer.from(bytesOf('video', 100_000))
const END = '#EXT-X-ENDLIST'
const HLS_ON_DISK = { UPLOAD_EXTENSIONS_TO_S3: '5' }

const read = async ({ url }: TestReceiver, path: string) => {
  const answer = await fetch(`${url}/live/streams/${path}`)
  return answer.ok ? answer.text() : answer.status
}
const onDisk = ({ dataDir }: TestReceiver) => {
  const folder = join(dataDir, 'live/streams')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
const keysIn = (bucket: TestBucket) =>
  bucket.server.objects
    .all()
    .map(({ key }) => key)
    .filter((key) => !key.includes('.hls-receiver'))
    .sort()

async function push(receiver: TestReceiver, number: number, ...foot: string[]): Promise<void> {
  expect(await put(receiver, `a${number}.ts`, LARGE + number)).toBe(201)
  const list = mediaList(number, [`a${number}.ts`], ...foot)
  expect([200, 201]).toContain(await put(receiver, 'a.m3u8', list))
}

describe.concurrent('where HLS stays on the disk', () => {
  test('it is there as with STORE=disk, and nothing of it is in the bucket', () =>
    withBucket(async (bucket) => {
      const receiver = await bucket.start(HLS_ON_DISK)
      await push(receiver, 1, END)
      await until('the list on the disk', () => (onDisk(receiver).includes('a.m3u8') ? true : undefined))
      expect(await read(receiver, 'a1.ts')).toBe(`${LARGE}1`)
      expect(keysIn(bucket)).toEqual([])
    }))

  test('a bucket that is down, or another receiver’s, keeps no upload waiting, and the receiver is ready', () =>
    withBucket(async (bucket) => {
      const first = await bucket.start(HLS_ON_DISK)
      await bucket.end(first, true)
      const thief = await bucket.start({ S3_TAKE_OVER: 'true' })
      await bucket.end(thief, false)
      const again = await bucket.start({ ...HLS_ON_DISK, DATA_DIR: first.dataDir })
      await until('the refusal', () => (again.logLines.join('\n').includes('belongs to the rec') ? true : undefined))
      bucket.goDown()
      await push(again, 1, END)
      await until('the list on the disk', () => (onDisk(again).includes('a.m3u8') ? true : undefined))
      expect((await fetch(`${again.url}/readyz`)).status).toBe(200)
    }))

  test('a bucket of another receiver is refused at the first start all the same', () =>
    withBucket(async (bucket) => {
      await bucket.start()
      expect(await bucket.refusal(HLS_ON_DISK)).toContain('belongs to the receiver')
    }))

  test('where nothing goes into the bucket it is asked for nothing', () =>
    withBucket(async (bucket) => {
      bucket.goDown()
      const receiver = await bucket.start({ UPLOAD_EXTENSIONS_TO_S3: '0' })
      await push(receiver, 1)
      expect(await read(receiver, 'a1.ts')).toBe(`${LARGE}1`)
      expect(bucket.server.requests).toEqual([])
    }))
})

/** Lets the spool of a receiver that is stopped go, as it does some minutes after the store has what was in it. */
async function trim(settings: Record<string, string>): Promise<void> {
  await withStorage(settings, async ({ journal, files }) => {
    await files.remove(await files.list())
    await journal.commit([...journal.entries('u/')].map(([key]) => ({ key, value: null })))
  })
}

describe.concurrent.each([
  ['from the bucket to the disk', '7', '5'],
  ['from the disk to the bucket', '5', '7'],
])('when the setting changes %s', (_what, before, after) => {
  test('P5: all plays on, over restarts, and goes from both when it is removed', () =>
    withBucket(async (bucket) => {
      const first = await bucket.start({ UPLOAD_EXTENSIONS_TO_S3: before })
      await push(first, 1)
      const wasDone = () => (before === '7' ? bucket.has('a.m3u8') !== undefined : onDisk(first).includes('a.m3u8'))
      await until('the first list where it goes', () => (wasDone() ? true : undefined))
      await bucket.end(first, true)
      const settings = { DATA_DIR: first.dataDir, UPLOAD_EXTENSIONS_TO_S3: after }
      await trim({ ...s3Environment(bucket.server.url), ...settings })
      const second = await bucket.start(settings)
      expect(await read(second, 'a1.ts')).toBe(`${LARGE}1`)
      await push(second, 2, END)
      const isThere = () => (after === '7' ? bucket.has('a2.ts') !== undefined : onDisk(second).includes('a2.ts'))
      await until('the next segment where it goes now', () => (isThere() ? true : undefined))
      expect(keysIn(bucket).filter((key) => key.endsWith('.ts'))).toEqual([
        `live/streams/a${before === '7' ? 1 : 2}.ts`,
      ])
      await bucket.end(second, true)
      const third = await bucket.start({
        ...settings,
        DELETE_HLS_FILES_ON_ENDED: 'true',
        DELETE_AFTER_SECONDS: '5',
      })
      expect(String(await read(third, 'a.m3u8?playlist=vod')).match(/a\d\.ts/g)).toEqual(['a1.ts', 'a2.ts'])
      expect([await read(third, 'a1.ts'), await read(third, 'a2.ts')]).toEqual([`${LARGE}1`, `${LARGE}2`])
      await until(
        'both places empty',
        () => (onDisk(third).length + keysIn(bucket).length === 0 ? true : undefined),
        45_000,
      )
    }))
})

test.concurrent('S3_RECORDINGS_PREFIX and S3_PREVIEWS_PREFIX say where in the bucket, and owners mark them', () =>
  withBucket(async (bucket) => {
    const prefixes = { S3_RECORDINGS_PREFIX: 'videos/:app', S3_PREVIEWS_PREFIX: 'pictures/:app', S3_PREFIX: 'hls/:app' }
    const settings = { ...s3Environment(bucket.server.url), ...prefixes, DATA_DIR: mkdtempSync(join(tmpdir(), 'p-')) }
    await withStorage(settings, async (storage) => {
      for (const [kind, name] of [
        ['vod', 'sub/a.mp4'],
        ['preview', 'a.png'],
      ] as const) {
        await keepProduct(storage, kind, name, VIDEO)
        await storage.products.upload(kind, 'live', name, { token: name, isReplacing: false })
      }
    })
    expect(keysIn(bucket)).toEqual(['pictures/live/a.png', 'videos/live/sub/a.mp4'])
    const marks = bucket.server.objects
      .all()
      .map(({ key }) => key)
      .filter((key) => key.includes('owner'))
    expect(marks.sort()).toEqual(['hls', 'pictures', 'videos'].map((prefix) => `${prefix}/.hls-receiver-owner.json`))
    expect(await bucket.refusal({ S3_PREFIX: 'videos/:app' })).toContain('videos/.hls-receiver-owner.json')
    rmSync(settings.DATA_DIR, { recursive: true })
    const next = await bucket.start({ ...prefixes, S3_TAKE_OVER: 'true' })
    const answer = await fetch(`${next.url}/live/streams/sub/a.mp4`, { headers: { Range: 'bytes=5-9' } })
    expect([answer.status, Buffer.from(await answer.arrayBuffer()).equals(VIDEO.subarray(5, 10))]).toEqual([206, true])
    // Pictures are looked for of streams that are known.
    const list = mediaList(0, ['a0.ts'])
    for (const [name, body] of [['a0.ts', 'a segment'] as const, ['a.m3u8', list] as const]) {
      await fetch(`${next.url}/live/hls-upload/${name}`, { method: 'PUT', body })
    }
    expect((await fetch(`${next.url}/live/previews/a.png`)).status).toBe(200)
  }))

describe.concurrent('RECORDINGS_DIR', () => {
  test('has the videos as APP/NAME, and those from before it was set still play', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'data-'))
    const RECORDINGS_DIR = mkdtempSync(join(tmpdir(), 'recordings-'))
    await withStorage({ DATA_DIR }, (storage) => keepProduct(storage, 'vod', 'a.mp4', VIDEO))
    await withStorage({ DATA_DIR, RECORDINGS_DIR }, async (storage) => {
      await keepProduct(storage, 'vod', 'sub/b.mp4', VIDEO)
      await keepProduct(storage, 'preview', 'b.png', VIDEO)
    })
    expect(existsSync(join(RECORDINGS_DIR, 'live/sub/b.mp4'))).toBe(true)
    expect(existsSync(join(DATA_DIR, 'live/previews/b.png'))).toBe(true)
    const receiver = await startReceiver({ DATA_DIR, RECORDINGS_DIR })
    for (const path of ['streams/a.mp4', 'streams/sub/b.mp4', 'previews/b.png']) {
      expect((await fetch(`${receiver.url}/live/${path}`)).status, path).toBe(200)
    }
    const other = startReceiver({ RECORDINGS_DIR })
    await expect(other).rejects.toThrow(
      new ConfigError(`RECORDINGS_DIR ${RECORDINGS_DIR} is in use by another receiver.`),
    )
    await receiver.stop()
    rmSync(RECORDINGS_DIR, { recursive: true })
  })

  test('lies apart from DATA_DIR', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'data-'))
    for (const folder of [DATA_DIR, join(DATA_DIR, 'live'), join(DATA_DIR, '..')]) {
      await expect(startReceiver({ DATA_DIR, RECORDINGS_DIR: folder })).rejects.toThrow('within each other')
    }
    await (await startReceiver({ DATA_DIR, RECORDINGS_DIR: `${DATA_DIR}-2` })).stop()
    rmSync(`${DATA_DIR}-2`, { recursive: true })
  })
})
