import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { hashTree } from '../support/tree.ts'
import { until } from '../support/until.ts'

const put = (receiver: TestReceiver, name: string, body: string) =>
  fetch(`${receiver.url}/live/hls-upload/${name.split('/').map(encodeURIComponent).join('/')}`, { method: 'PUT', body })

const played = async (receiver: TestReceiver, name: string) => {
  const answer = await fetch(`${receiver.url}/live/streams/${name}`)
  return answer.ok ? answer.text() : answer.status
}

const inTree = (receiver: TestReceiver, name: string) =>
  until(`${name} in the tree`, () => (hashTree(join(receiver.dataDir, 'live/streams')).has(name) ? true : undefined))

test('whatever was accepted can be served again after a restart, though its lines grew when they were rendered', async () => {
  const first = await startReceiver()
  const init = `${'é'.repeat(100)}.mp4`
  const line = `#EXT-X-MAP:URI="${init}",X-PAD="`
  const map = `${line}${'x'.repeat(8_190 - Buffer.byteLength(line) - 1)}"`
  await put(first, init, 'init')
  await put(first, 's1.ts', 'segment')
  expect((await put(first, 'long.m3u8', `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${map}\n#EXTINF:2,\ns1.ts\n`)).status).toBe(
    201,
  )
  const before = await played(first, 'long.m3u8')
  await first.stop({ keepData: true })
  const second = await startReceiver({ DATA_DIR: first.dataDir })
  expect(await played(second, 'long.m3u8')).toBe(before)
  await second.stop()
})

test('a playlist that waited goes on waiting after a restart, and is published when its segment comes', async () => {
  const first = await startReceiver()
  await put(first, 'late.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nlate1.ts\n')
  expect(await played(first, 'late.m3u8')).toBe(404)
  await first.stop({ keepData: true })
  const second = await startReceiver({ DATA_DIR: first.dataDir })
  await put(second, 'late1.ts', 'segment')
  await until('the playlist', async () => ((await played(second, 'late.m3u8')) === 404 ? undefined : true))
  await second.stop()
})

test('P8: a clean stop leaves the newest playlist in the tree', async () => {
  const receiver = await startReceiver()
  await put(receiver, 'end1.ts', 'segment')
  await put(receiver, 'end.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nend1.ts\n')
  await inTree(receiver, 'end.m3u8')
  const last = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nend1.ts\n#EXT-X-ENDLIST\n'
  await put(receiver, 'end.m3u8', last)
  await receiver.stop({ keepData: true })
  expect(readFileSync(join(receiver.dataDir, 'live/streams/end.m3u8'), 'utf8')).toBe(last)
  rmSync(receiver.dataDir, { recursive: true })
})

test('a folder of the tree that was removed by hand is made again', async () => {
  const receiver = await startReceiver()
  await put(receiver, 'gone1.ts', 'segment')
  await inTree(receiver, 'gone1.ts')
  rmSync(join(receiver.dataDir, 'live'), { recursive: true })
  await put(receiver, 'gone2.ts', 'segment')
  await inTree(receiver, 'gone2.ts')
  await receiver.stop()
})

test.each(['dir', '🎥', 'ÿ'])('a segment in a folder called %s is found by its last name', async (folder) => {
  const receiver = await startReceiver()
  await put(receiver, `${folder}/f1.ts`, 'segment')
  await put(receiver, 'f.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nf1.ts\n')
  expect(await played(receiver, 'f.m3u8')).toBe(
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${encodeURIComponent(folder)}/f1.ts\n`,
  )
  await receiver.stop()
})
