import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import type { ReadInput } from '../../src/core/making/order.ts'
import { requireProgram } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'
import {
  make,
  openWorkshop,
  partsOf,
  pathOf,
  probe,
  recordRun,
  type Workshop,
  type WorkshopOptions,
} from './support/making.ts'

const opened: Workshop[] = []
beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
})
afterEach(() => {
  for (const workshop of opened.splice(0)) workshop.close()
})

function open(options: WorkshopOptions = {}): Workshop {
  const workshop = openWorkshop(options)
  opened.push(workshop)
  return workshop
}

/** Reads well but of one file, of which it gives only the beginning. */
function failingAt(stored: string, begin: number): (read: ReadInput) => ReadInput {
  return (read) =>
    async function* (app, name, range) {
      if (name !== stored) yield* read(app, name, range)
      else {
        yield* read(app, name, { start: 0, end: begin })
        throw new ReceiverError('storage-unavailable')
      }
    }
}

// First of all: fluent-ffmpeg remembers where it has found one.
test('no other process beside ffmpeg reads the input', async () => {
  const place = open()
  const probe = join(place.recorded, 'ffprobe')
  writeFileSync(probe, `#!/bin/bash\necho "$@" > ${place.recorded}/probed\n`)
  chmodSync(probe, 0o755)
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = place.recorded + delimiter + path
  try {
    const workshop = open()
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    await make(workshop, 'mp4', partsOf(text))
    expect(existsSync(join(place.recorded, 'probed'))).toBe(false)
  } finally {
    process.env['PATH'] = path
  }
})

describe('a store that fails while it is read makes no file that looks whole', () => {
  test.each(['mp4', 'webm'] as const)('%s, at the very end', async (format) => {
    const workshop = open({ read: failingAt('a002.ts', 20_000) })
    const text = await recordRun(workshop, 'a', { seconds: 6 })
    await expect(make(workshop, format, partsOf(text))).rejects.toMatchObject({
      code: 'storage-unavailable',
      retryable: 'outage',
    })
    expect(workshop.left()).toEqual([])
  })

  test('mp4, where a part begins', async () => {
    const workshop = open({ read: failingAt('b000.ts', 0) })
    const first = await recordRun(workshop, 'a', { seconds: 4 })
    const second = await recordRun(workshop, 'b', { seconds: 4 })
    await expect(make(workshop, 'mp4', partsOf(first, second))).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(workshop.left()).toEqual([])
  })

  test('a segment that is gone, another attempt at which may go without it', async () => {
    const workshop = open()
    const text = (await recordRun(workshop, 'a', { seconds: 4 })).replace('a001.ts', 'gone.ts')
    await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'input-missing', retryable: true })
    expect(workshop.left()).toEqual([])
  })
})

describe('what does not fit into one file as it is', () => {
  test('other codecs after a restart', async () => {
    const workshop = open()
    const video = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none']
    const first = await recordRun(workshop, 'a', { seconds: 4 })
    const second = await recordRun(workshop, 'b', { seconds: 4, video })
    const sound = await recordRun(workshop, 'c', { seconds: 4, video: [] })
    for (const parts of [partsOf(first, second), partsOf(first, sound), partsOf(sound, first)]) {
      await expect(make(workshop, 'mp4', parts)).rejects.toMatchObject({ code: 'input-mixed', retryable: false })
    }
    expect(workshop.left()).toEqual([])
  })
})

describe('limits', () => {
  test('a file that gets too large', async () => {
    const workshop = open({ limits: { bytes: 50_000 } })
    const text = await recordRun(workshop, 'a', { seconds: 8 })
    await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({
      code: 'job-too-large',
      retryable: false,
    })
    expect(workshop.left()).toEqual([])
  })

  test('a job that takes too long', async () => {
    const workshop = open({ limits: { ms: 500 }, read: (read) => withWait(read, 'a001.ts', new Promise(() => {})) })
    const text = await recordRun(workshop, 'a', { seconds: 4 })
    await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'job-too-long', retryable: false })
    expect(workshop.left()).toEqual([])
  })
})

/** Waits before one file. */
function withWait(read: ReadInput, stored: string, until: Promise<void>, waiting = () => {}): ReadInput {
  return async function* (app, name, range) {
    if (name === stored) {
      waiting()
      await until
    }
    yield* read(app, name, range)
  }
}

test('a job that is cancelled ends at once, and leaves nothing', async () => {
  const abort = new AbortController()
  const workshop = open({ read: (read) => withWait(read, 'a001.ts', new Promise(() => {}), () => abort.abort()) })
  const text = await recordRun(workshop, 'a', { seconds: 4 })
  await expect(make(workshop, 'mp4', partsOf(text), { signal: abort.signal })).rejects.toMatchObject({
    code: 'job-ended',
    retryable: true,
  })
  expect(workshop.left()).toEqual([])
})

test('without ffmpeg nothing is made, and that is told', async () => {
  const workshop = open({ path: '/nowhere/ffmpeg' })
  const text = await recordRun(workshop, 'a', { seconds: 2 })
  await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'ffmpeg-missing' })
})

test('where no process can be started, that is told too', async () => {
  const workshop = open({ path: process.execPath })
  const text = await recordRun(workshop, 'a', { seconds: 2 })
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = workshop.recorded
  try {
    await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'ffmpeg-missing' })
  } finally {
    process.env['PATH'] = path
  }
})

/** A program in the place of ffmpeg, which answers what it can do, and does something else. */
function instead(workshop: Workshop, script: string): string {
  const path = join(workshop.recorded, 'instead')
  writeFileSync(path, `#!/bin/bash\ncase "$1" in -formats|-encoders) exec ffmpeg "$@";; esac\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

/** A job of a program in the place of ffmpeg. */
async function makeBy(script: string, signal = new AbortController().signal): Promise<Workshop> {
  const place = open()
  const workshop = open({ path: instead(place, script.replaceAll('HERE', place.recorded)) })
  const text = await recordRun(workshop, 'a', { seconds: 2 })
  await expect(make(workshop, 'mp4', partsOf(text), { signal })).rejects.toMatchObject({ name: 'JobError' })
  expect(workshop.left()).toEqual([])
  return place
}

describe('the process', () => {
  test('is killed when it does not end though it is asked to', async () => {
    const abort = new AbortController()
    const place = open()
    const stubborn = instead(place, `trap '' TERM; echo $$ > ${place.recorded}/pid; while :; do sleep 0.1; done`)
    const workshop = open({ path: stubborn })
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    const made = make(workshop, 'mp4', partsOf(text), { signal: abort.signal })
    const failed = expect(made).rejects.toMatchObject({ code: 'job-ended' })
    const pid = await until('the process', () => {
      const file = join(place.recorded, 'pid')
      return existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined
    })
    abort.abort()
    await failed
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('gets nothing of the environment but where programs are, and is niced', async () => {
    process.env['S3_SECRET_ACCESS_KEY'] = 'hidden'
    process.env['http_proxy'] = 'http://127.0.0.1:9'
    try {
      const place = await makeBy('env > HERE/env; nice > HERE/nice; exit 1')
      const names = readFileSync(join(place.recorded, 'env'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.replace(/=.*/, ''))
      expect(names).toContain('PATH')
      // Bash adds some of its own.
      expect(names.filter((name) => !['PATH', 'LD_LIBRARY_PATH', 'PWD', 'SHLVL', '_'].includes(name))).toEqual([])
      expect(Number(readFileSync(join(place.recorded, 'nice'), 'utf8'))).toBeGreaterThanOrEqual(10)
    } finally {
      delete process.env['S3_SECRET_ACCESS_KEY']
      delete process.env['http_proxy']
    }
  })

  test('that makes nothing, and says it ended well, has failed', async () => {
    await makeBy('exit 0')
  })

  test('that does not read all, and says it ended well, has failed', async () => {
    await makeBy('for output; do :; done; echo media > "$output"; exit 0')
  })

  test('that writes without end is not remembered whole', async () => {
    const place = open()
    const loud = instead(place, 'for i in $(seq 20000); do echo "line $i of what went wrong" >&2; done; exit 1')
    const workshop = open({ path: loud })
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    const error: unknown = await make(workshop, 'mp4', partsOf(text)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ffmpeg-failed' })
    const { message } = error as Error
    expect(message).toContain('line 20000 of')
    expect(message.length).toBeLessThan(3_000)
  })

  test('that finds no space waits for some, and is not given up', async () => {
    const place = open()
    const full = instead(place, 'echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1')
    const workshop = open({ path: full })
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    await expect(make(workshop, 'mp4', partsOf(text))).rejects.toMatchObject({ code: 'disk-full', retryable: 'outage' })
  })
})

describe('pictures that say that they are huge', () => {
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-crf', '51']

  test('P6: are not decoded beyond a bound, for WebM and pictures', async () => {
    const workshop = open()
    const text = await recordRun(workshop, 'a', { seconds: 0.12, size: '8400x4400', video, audio: [] })
    for (const format of ['webm', 'png'] as const) {
      await expect(make(workshop, format, partsOf(text), { height: 480 })).rejects.toMatchObject({
        code: 'ffmpeg-failed',
      })
    }
  })

  test('P6: do not become wider than a bound where they are flat', async () => {
    const workshop = open()
    const text = await recordRun(workshop, 'a', { seconds: 0.12, size: '16000x16', video, audio: [] })
    const { streams } = await probe(pathOf(await make(workshop, 'png', partsOf(text), { height: 480 })))
    expect(streams[0]).toMatchObject({ width: 7_680, height: 480 })
  })
})
