import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readServed, startReceiver, type TestReceiver } from '../../src/testing/index.ts'

const LIST = 'cam.m3u8'
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

async function upload(name: string, body: Uint8Array | string): Promise<void> {
  const answer = await fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body: Buffer.from(body) })
  expect(answer.ok).toBe(true)
}

async function bytesOf(target: string): Promise<Buffer> {
  const answer = await fetch(`${receiver.url}/live/streams/${target}`)
  expect(answer.status, target).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

/** The vector of a segment whose playlist names none: its media sequence number (RFC 8216bis section 5.2). */
function vectorOf(number: number): Buffer {
  const vector = Buffer.alloc(16)
  vector.writeUInt32BE(number, 12)
  return vector
}

const nameOf = (number: number) => `cam${String(number).padStart(9, '0')}.ts`
const keyLine = (name: string) => `#EXT-X-KEY:METHOD=AES-128,URI="${name}"`

/** Sends segments as an encoder that writes no vectors, each encrypted with its own number. */
async function sendSegments(label: string, key: Buffer, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const cipher = createCipheriv('aes-128-cbc', key, vectorOf(number))
    await upload(nameOf(number), Buffer.concat([cipher.update(`${label} ${number}`), cipher.final()]))
  }
}

function sendList(first: number, lines: readonly string[]): Promise<void> {
  const entries = lines.flatMap((line) => (line.startsWith('#') ? [line] : ['#EXTINF:2.000000,', line]))
  const head = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${first}`]
  return upload(LIST, [...head, ...entries, ''].join('\n'))
}

/** What a player decrypts of a playlist, entry by entry. */
async function decrypted(target: string): Promise<string[]> {
  const lines = (await bytesOf(target)).toString().split('\n')
  const vectors: (Buffer | undefined)[] = []
  let vector: Buffer | undefined
  for (const line of lines) {
    const written = /IV=0x([0-9A-Fa-f]{32})/.exec(line)?.[1]
    if (line.startsWith('#EXT-X-KEY')) vector = written === undefined ? undefined : Buffer.from(written, 'hex')
    if (line !== '' && !line.startsWith('#')) vectors.push(vector)
  }
  const plain: string[] = []
  for (const [index, { number, uri, keyUri = '' }] of readServed(lines.join('\n')).entries.entries()) {
    const decipher = createDecipheriv('aes-128-cbc', await bytesOf(keyUri), vectors[index] ?? vectorOf(number))
    plain.push(Buffer.concat([decipher.update(await bytesOf(uri)), decipher.final()]).toString())
  }
  return plain
}

test('P3: what is encrypted with the numbers of its encoder is decrypted over restarts, appended and not', async () => {
  const [one, two, three] = [randomBytes(16), randomBytes(16), randomBytes(16)]
  await upload('cam.key', one)
  await sendSegments('first', one, [1, 2, 3])
  await sendList(1, [keyLine('cam.key'), nameOf(1), nameOf(2), nameOf(3)])
  expect(await decrypted(LIST)).toEqual(['first 1', 'first 2', 'first 3'])

  await upload('cam.key', two)
  await sendSegments('second', two, [1, 2])
  await sendList(1, [keyLine('cam.key'), nameOf(1), nameOf(2)])
  expect(await decrypted(LIST)).toEqual(['second 1', 'second 2'])

  await fetch(`${receiver.url}/live/hls-upload/${LIST}`)
  await upload('cam2.key', three)
  await sendSegments('third', three, [3, 4])
  const appended = ['#EXT-X-DISCONTINUITY', keyLine('cam2.key'), nameOf(3), nameOf(4)]
  await sendList(1, [keyLine('cam.key'), nameOf(1), nameOf(2), ...appended])
  const live = ['second 1', 'second 2', 'third 3', 'third 4']
  expect(await decrypted(LIST)).toEqual(live)
  expect(await decrypted(`${LIST}?playlist=vod`)).toEqual(['first 1', 'first 2', 'first 3', ...live])
})
