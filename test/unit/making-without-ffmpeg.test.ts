import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import type { MakeOrder } from '../../src/core/making/order.ts'
import { openMaking } from '../../src/node/maker.ts'

const ORDER: MakeOrder = {
  ...{ id: 'a', app: 'live', format: 'mp4' },
  parts: [{ files: [{ stored: 'cam1.ts' }], seconds: 2 }],
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hls-receiver-making-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('an ffmpeg that is installed later is found by the next attempt', async () => {
  const path = join(folder, 'ffmpeg')
  const warned: string[] = []
  const log = { info: () => {}, warn: (event: string) => void warned.push(event), error: () => {} }
  const config = readConfig({ FFMPEG_PATH: path, DATA_DIR: folder })
  const making = await openMaking(config, log, async function* read() {
    yield new Uint8Array(188)
  })
  const make = () => making.maker.make(ORDER, { signal: new AbortController().signal, progress: () => {} })
  await expect(make()).rejects.toMatchObject({ code: 'ffmpeg-missing', retryable: 'outage' })
  writeFileSync(path, '#!/bin/sh\nexit 1\n')
  chmodSync(path, 0o755)
  await expect(make()).rejects.toMatchObject({ code: expect.not.stringMatching('ffmpeg-missing') })
  expect(warned).toEqual(['no ffmpeg'])
  await making.close()
})
