import { createCipheriv, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { InputPart } from '../../src/core/making/order.ts'
import { decode, FRAME_RATE, requireProgram } from '../support/ffmpeg.ts'
import {
  make,
  openWorkshop,
  packetsOf,
  partsOf,
  pathOf,
  probe,
  recordPackedRun,
  recordRun,
  type Workshop,
} from './support/making.ts'

/** How exact a duration is, in s. */
const EXACT_SECONDS = 0.1

let workshop: Workshop
beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
  requireProgram('ffprobe', 'ffmpeg')
})
beforeEach(() => {
  workshop = openWorkshop()
})
afterEach(() => {
  workshop.close()
})

async function expectPlays(path: string, seconds: number, exact = EXACT_SECONDS): Promise<void> {
  const { format } = await probe(path)
  expect(Math.abs(Number(format.duration) - seconds)).toBeLessThan(exact)
  const played = await decode(path)
  expect(played.stderr).toBe('')
}

/** Encrypts a file of the recording where it lies. */
function encrypt(name: string, key: Uint8Array, iv: Uint8Array): void {
  const path = join(workshop.recorded, name)
  const cipher = createCipheriv('aes-128-cbc', key, iv)
  writeFileSync(path, Buffer.concat([cipher.update(readFileSync(path)), cipher.final()]))
}

/** The vector that a number is (RFC 8216 section 5.2). */
function vector(number: number): Buffer {
  const iv = Buffer.alloc(16)
  iv.writeUInt32BE(number, 12)
  return iv
}

describe('a hole in the middle', () => {
  test.each(['mp4', 'webm'] as const)(
    '%s plays as long as if it were whole, and what follows is in time',
    async (format) => {
      const text = await recordRun(workshop, 'a', { seconds: 8 })
      const second = await recordRun(workshop, 'b', { seconds: 4 })
      const parts = partsOf(text.replace('a001.ts', '#EXT-X-GAP\na001.ts'), second)
      expect(parts[0]).toMatchObject({ seconds: 8, files: { length: 3 } })
      const path = pathOf(await make(workshop, format, parts))
      await expectPlays(path, 12)
      const shown = (await packetsOf(path, 'v')).map(({ pts }) => pts)
      const heard = (await packetsOf(path, 'a')).map(({ pts }) => pts)
      expect(shown.filter((pts) => pts > 2.1 && pts < 3.9)).toEqual([])
      expect(shown.filter((pts) => pts > 4.1 && pts < 5.9).length).toBeGreaterThan(1.7 * FRAME_RATE)
      // WebM has silence there.
      expect(heard.filter((pts) => pts > 2.1 && pts < 3.9).length > 50).toBe(format === 'webm')
      expect(heard.filter((pts) => pts > 4.1 && pts < 5.9).length).toBeGreaterThan(50)
    },
  )
})

describe('AES-128', () => {
  test('with vectors of their own, with the number, a key that changes, and none at last', async () => {
    const text = await recordRun(workshop, 'a', { seconds: 8 })
    const keys = [randomBytes(16), randomBytes(16)] as const
    const own = randomBytes(16)
    writeFileSync(join(workshop.recorded, 'one.key'), keys[0])
    writeFileSync(join(workshop.recorded, 'two.key'), keys[1])
    encrypt('a000.ts', keys[0], own)
    encrypt('a001.ts', keys[1], vector(41))
    encrypt('a002.ts', keys[1], vector(42))
    const keyed = text
      .replace('#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-MEDIA-SEQUENCE:40')
      .replace('a000.ts', `#EXT-X-KEY:METHOD=AES-128,URI="one.key",IV=0x${own.toString('hex')}\na000.ts`)
      .replace('a001.ts', '#EXT-X-KEY:METHOD=AES-128,URI="two.key"\na001.ts')
      .replace('a003.ts', '#EXT-X-KEY:METHOD=NONE\na003.ts')
    await expectPlays(pathOf(await make(workshop, 'mp4', partsOf(keyed))), 8)
  })

  test('of an init section too', async () => {
    const hls = ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'a_init.mp4']
    const text = await recordRun(workshop, 'a', { seconds: 4, hls, extension: 'm4s' })
    const [key, iv] = [randomBytes(16), randomBytes(16)]
    writeFileSync(join(workshop.recorded, 'one.key'), key)
    for (const name of ['a_init.mp4', 'a000.m4s', 'a001.m4s']) encrypt(name, key, iv)
    const line = `#EXT-X-KEY:METHOD=AES-128,URI="one.key",IV=0x${iv.toString('hex')}\n`
    await expectPlays(pathOf(await make(workshop, 'mp4', partsOf(text.replace('#EXT-X-MAP', `${line}#EXT-X-MAP`)))), 4)
  })

  test('with the wrong key nothing is made', async () => {
    const text = await recordRun(workshop, 'a', { seconds: 4 })
    writeFileSync(join(workshop.recorded, 'one.key'), randomBytes(16))
    encrypt('a000.ts', randomBytes(16), vector(0))
    const keyed = text.replace('a000.ts', '#EXT-X-KEY:METHOD=AES-128,URI="one.key"\na000.ts')
    await expect(make(workshop, 'mp4', partsOf(keyed))).rejects.toMatchObject({
      code: 'input-encrypted',
      retryable: false,
    })
    expect(workshop.left()).toEqual([])
  })
})

test.each([
  { name: 'MPEG-TS', hls: [], extension: 'ts' },
  { name: 'fragmented MP4', hls: ['-hls_segment_type', 'fmp4'], extension: 'm4s' },
])('a single file that is addressed by byte ranges: $name', async ({ hls, extension }) => {
  const text = await recordRun(workshop, 'a', {
    seconds: 6,
    hls: [...hls, '-hls_flags', 'single_file'],
    extension,
    segments: '',
  })
  expect(text).toContain('#EXT-X-BYTERANGE')
  const parts = partsOf(text)
  expect(new Set(parts[0]?.files.map(({ stored }) => stored)).size).toBe(1)
  // Without its middle, to see that ranges are read, not the file.
  const [one, , three] = parts[0]?.files ?? []
  const cut = parts.map((part) => ({ ...part, files: [one, three].flatMap((file) => file ?? []) }))
  await expectPlays(pathOf(await make(workshop, 'mp4', parts)), 6)
  const made = pathOf(await make(workshop, 'mp4', cut))
  expect((await packetsOf(made, 'v')).length).toBe(4 * FRAME_RATE)
})

describe('sound alone, over a restart', () => {
  test('AAC in MPEG-TS', async () => {
    const first = await recordRun(workshop, 'a', { seconds: 5, video: [] })
    const second = await recordRun(workshop, 'b', { seconds: 5, video: [] })
    await expectSound(partsOf(first, second), 'aac')
  })

  test.each([
    { codec: 'aac', audio: ['-c:a', 'aac'], extension: 'aac' },
    { codec: 'mp3', audio: ['-c:a', 'libmp3lame'], extension: 'mp3' },
    { codec: 'ac3', audio: ['-c:a', 'ac3'], extension: 'ac3' },
  ])('packed $codec', async ({ codec, audio, extension }) => {
    const first = await recordPackedRun(workshop, 'a', audio, extension)
    const second = await recordPackedRun(workshop, 'b', audio, extension)
    await expectSound(partsOf(first, second), codec)
  })
})

async function expectSound(parts: readonly InputPart[], codec: string): Promise<void> {
  const made = await make(workshop, 'mp4', parts)
  const { streams } = await probe(pathOf(made))
  expect(streams.map(({ codec_name }) => codec_name)).toEqual([codec])
  // MP3 adds some frames of silence to each run.
  const exact = codec === 'mp3' ? 2 * EXACT_SECONDS : EXACT_SECONDS
  await expectPlays(pathOf(made), 10, exact)
  expect(Math.abs(made.durationMs - 10_000)).toBeLessThan(1_000 * exact)
}
