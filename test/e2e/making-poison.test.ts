import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requireProgram } from '../support/ffmpeg.ts'
import { make, openWorkshop, partsOf, recordRun, type Workshop } from './support/making.ts'

const FORMATS = ['mp4', 'webm', 'png'] as const

let workshop: Workshop
/** Another server of this machine, and what it was asked for. */
let other: Server
let asked: string[]

beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
})
beforeEach(async () => {
  workshop = openWorkshop()
  asked = []
  other = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.end(readFileSync(join(workshop.recorded, 'a000.ts')))
  })
  other.on('connection', () => asked.push('connection'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  workshop.close()
  other.closeAllConnections()
  await new Promise((resolve) => other.close(resolve))
})

/** What an encoder may send under the name of a segment, to have other things read: each would play if it were followed. */
const poisons: { readonly name: string; readonly bytes: () => string }[] = [
  {
    name: 'a playlist that names a server of this machine',
    bytes: () => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${otherUrl()}/x.ts\n#EXT-X-ENDLIST\n`,
  },
  {
    name: 'a playlist that names files of this machine',
    bytes: () =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${secret()}\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n`,
  },
  {
    name: 'a playlist with a key of a server of this machine',
    bytes: () =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="${otherUrl()}/k"\n#EXTINF:2,\n${otherUrl()}/x.ts\n#EXT-X-ENDLIST\n`,
  },
  { name: 'a list of files', bytes: () => `ffconcat version 1.0\nfile '${secret()}'\n` },
  {
    name: 'a list that names a server of this machine',
    bytes: () => `ffconcat version 1.0\nfile '${otherUrl()}/x.ts'\n`,
  },
  { name: 'a list of itself', bytes: () => `ffconcat version 1.0\nfile part-0\n` },
]

function otherUrl(): string {
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`
}

/** A file of this machine that is none of the recording, and would play. */
function secret(): string {
  const path = join(workshop.recorded, 'secret.ts')
  copyFileSync(join(workshop.recorded, 'b000.ts'), path)
  return path
}

describe.each(poisons)('$name in place of a segment is not followed', ({ bytes }) => {
  test.each(FORMATS)('%s of it alone', async (format) => {
    await recordRun(workshop, 'b', { seconds: 2 })
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    writeFileSync(join(workshop.recorded, 'a000.ts'), bytes())
    await expect(make(workshop, format, partsOf(text))).rejects.toMatchObject({ code: 'ffmpeg-failed' })
    expect(asked).toEqual([])
    expect(workshop.left()).toEqual([])
  })

  test.each(['mp4', 'webm'] as const)('%s of it and what is good before it', async (format) => {
    const first = await recordRun(workshop, 'b', { seconds: 2 })
    const second = await recordRun(workshop, 'a', { seconds: 2 })
    writeFileSync(join(workshop.recorded, 'a000.ts'), bytes())
    await expect(make(workshop, format, partsOf(first, second))).rejects.toMatchObject({ code: 'ffmpeg-failed' })
    expect(asked).toEqual([])
    expect(workshop.left()).toEqual([])
  })
})

test.each(poisons)('$name in the middle of a part of fragmented MP4', async ({ bytes }) => {
  const hls = ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'a_init.mp4']
  await recordRun(workshop, 'b', { seconds: 2 })
  const text = await recordRun(workshop, 'a', { seconds: 6, hls, extension: 'm4s' })
  writeFileSync(join(workshop.recorded, 'a001.m4s'), bytes())
  await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'input-invalid', retryable: false })
  expect(asked).toEqual([])
  expect(workshop.left()).toEqual([])
})

describe('a segment that was cut', () => {
  test.each(FORMATS)('%s of too little of MPEG-TS', async (format) => {
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    truncateSync(join(workshop.recorded, 'a000.ts'), 700)
    await expect(make(workshop, format, partsOf(text))).rejects.toMatchObject({ code: 'ffmpeg-failed' })
    expect(workshop.left()).toEqual([])
  })

  test('of fragmented MP4, which would take all that follows with it', async () => {
    const hls = ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'a_init.mp4']
    const text = await recordRun(workshop, 'a', { seconds: 6, hls, extension: 'm4s' })
    truncateSync(join(workshop.recorded, 'a001.m4s'), 5_000)
    await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'input-invalid' })
    expect(workshop.left()).toEqual([])
  })
})
