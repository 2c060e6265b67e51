import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

let receiver: TestReceiver
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vods-'))
  mkdirSync(join(folder, 'shows/old'), { recursive: true })
  receiver = await startReceiver({ VOD_FOLDERS: join(folder, 'shows') })
})

afterEach(async () => {
  await receiver.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Result {
  readonly success: boolean
  readonly message: string | null
  readonly dataId: string | null
}

async function ask<T = Result>(method: string, path: string, body?: BodyInit): Promise<T> {
  const answer = await fetch(`${receiver.url}/live/rest/v2/vods${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}

const list = () => ask<Record<string, unknown>[]>('GET', '/list/0/50?sort_by=name')

/** An mp4 that says how long it plays, behind media of so many bytes. */
function mp4(milliseconds: number, mediaBytes = 0): Buffer {
  const header = Buffer.alloc(100)
  header.writeUInt32BE(90_000, 12)
  header.writeUInt32BE(milliseconds * 90, 16)
  const media = Buffer.alloc(mediaBytes, 7)
  return Buffer.concat([box('ftyp', Buffer.from('isom')), box('mdat', media), box('moov', box('mvhd', header))])
}

function box(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}

function form(bytes: Uint8Array<ArrayBuffer>): FormData {
  const data = new FormData()
  data.append('file', new Blob([bytes]), 'talk.mp4')
  data.append('metadata', '{"room":1}')
  return data
}

describe('a file that is uploaded', () => {
  test('is listed with how long it plays, is served with ranges, also after a restart, and goes when it is deleted', async () => {
    const bytes = Buffer.from(mp4(12_345, 200_000))
    const result = await ask('POST', '/create?name=talk.mp4', form(Uint8Array.from(bytes)))
    expect(result).toMatchObject({ success: true, dataId: expect.stringMatching(/^\w{24}$/) })
    expect(result.message).toBe(result.dataId)
    await receiver.stop({ keepData: true })
    receiver = await startReceiver({ DATA_DIR: receiver.dataDir })
    const filePath = `streams/${result.dataId}.mp4`
    expect(await list()).toMatchObject([
      {
        ...{ vodId: result.dataId, vodName: 'talk.mp4', type: 'uploadedVod', filePath },
        duration: 12_345,
        fileSize: bytes.length,
        metadata: '{"room":1}',
      },
    ])
    const url = `${receiver.url}/live/${filePath}`
    const answer = await fetch(url, { headers: { Range: 'bytes=100000-100099' } })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-type')).toBe('video/mp4')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes.subarray(100_000, 100_100))
    expect(await ask('DELETE', `/${result.dataId}`)).toMatchObject({ success: true, message: 'vod deleted' })
    expect(await ask('DELETE', `/${result.dataId}`)).toMatchObject({ success: false })
    expect((await fetch(url)).status).toBe(404)
    expect(existsSync(join(receiver.dataDir, 'live', filePath))).toBe(false)
    expect(await list()).toEqual([])
  })

  test('of another kind is refused, and nothing of it is left', async () => {
    const refused = await ask('POST', '/create?name=page.html', form(Uint8Array.from(Buffer.from('<html>'))))
    expect(refused).toMatchObject({ success: false, message: 'notSupportedFileType' })
    expect(await list()).toEqual([])
  })
})

describe('a folder of files', () => {
  const importing = (path: string) => `/directory?directory=${encodeURIComponent(path)}`

  beforeEach(() => {
    writeFileSync(join(folder, 'shows/first.mp4'), mp4(1_000))
    writeFileSync(join(folder, 'shows/old/second.webm'), 'webm')
    writeFileSync(join(folder, 'shows/notes.txt'), 'no media')
    writeFileSync(join(folder, 'secret.mp4'), 'of somebody else')
    symlinkSync(join(folder, 'secret.mp4'), join(folder, 'shows/link.mp4'))
    symlinkSync(folder, join(folder, 'shows/up'))
  })

  test('is listed with the folders in it, and let go of; its own files stay as they are', async () => {
    const path = join(folder, 'shows')
    expect(await ask('POST', importing(path))).toMatchObject({ success: true, message: '2 files are imported' })
    expect(await ask('POST', importing(path))).toMatchObject({ success: true, message: '0 files are imported' })
    expect(await list()).toMatchObject([
      {
        vodName: 'first.mp4',
        filePath: 'streams/shows/first.mp4',
        streamId: 'shows',
        type: 'userVod',
        duration: 1_000,
      },
      { vodName: 'second.webm', filePath: 'streams/shows/old/second.webm', streamId: 'old', type: 'userVod' },
    ])
    expect(await (await fetch(`${receiver.url}/live/streams/shows/old/second.webm`)).text()).toBe('webm')
    expect(await ask('DELETE', importing(path))).toMatchObject({ success: true, message: '2 of records are deleted' })
    expect(await list()).toEqual([])
    expect(readFileSync(join(folder, 'shows/old/second.webm'), 'utf8')).toBe('webm')
    expect(
      readdirSync(join(receiver.dataDir, 'live/streams/shows'), { recursive: true, withFileTypes: true }).filter(
        (each) => each.isFile(),
      ),
    ).toEqual([])
  })

  test.each(['', 'shows/up', 'shows/../secret.mp4', 'none', 'shows/first.mp4'])(
    'that is not allowed, or none, is not read: %s',
    async (path) => {
      const answer = await fetch(`${receiver.url}/live/rest/v2/vods${importing(join(folder, path))}`, {
        method: 'POST',
      })
      const result = (await answer.json()) as Result
      expect(result.success).toBe(false)
      expect(await list()).toEqual([])
    },
  )
})
