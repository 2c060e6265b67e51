import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startReceiver } from '../../src/testing/index.ts'

const root = mkdtempSync(join(tmpdir(), 'hls-receiver-'))

afterAll(() => rmSync(root, { recursive: true, force: true }))

test.each([
  ['a short path', join(root, 'data')],
  ['a path too long for a socket', join(root, 'long-'.repeat(30))],
])('a second receiver does not start on the same folder: %s', async (_, DATA_DIR) => {
  const first = await startReceiver({ DATA_DIR })
  await expect(startReceiver({ DATA_DIR })).rejects.toThrow(/in use by another receiver/)
  await first.stop({ keepData: true })
  const next = await startReceiver({ DATA_DIR })
  await next.stop({ keepData: true })
})
