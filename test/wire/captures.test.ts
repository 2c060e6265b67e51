import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type Capture,
  type CapturedRequest,
  replay,
  startReceiver,
  type TestReceiver,
} from '../../src/testing/index.ts'
import { captures, isKept, isPlaylist, settingsFor, uploadTarget } from '../support/captures.ts'
import { hashTree, sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'

const headers = { Authorization: `Basic ${btoa('user:pass')}` }

async function readBack(receiver: TestReceiver, request: CapturedRequest): Promise<string | undefined> {
  const answer = await fetch(receiver.url + uploadTarget(request.target), { headers })
  return answer.status === 200 ? sha256(new Uint8Array(await answer.arrayBuffer())) : undefined
}

function treeOf(receiver: TestReceiver): Map<string, string> {
  return hashTree(join(receiver.dataDir, 'live/streams'))
}

/** Every kept media body is in the tree, and the origin serves the same bytes under the same name. */
async function expectMediaKept(receiver: TestReceiver, capture: Capture): Promise<number> {
  const wanted = new Set(
    capture.requests
      .filter((request) => isKept(request) && !isPlaylist(request))
      .map((request) => sha256(request.body)),
  )
  const tree = await until(`${wanted.size} bodies in the tree`, () => {
    const found = treeOf(receiver)
    const hashes = new Set(found.values())
    return [...wanted].every((hash) => hashes.has(hash)) ? found : undefined
  })
  for (const [path, hash] of tree) {
    if (path.endsWith('.m3u8')) continue
    expect(wanted, `${path} holds a whole body`).toContain(hash)
    const answer = await fetch(`${receiver.url}/live/streams/${path.split('/').map(encodeURIComponent).join('/')}`)
    expect(sha256(new Uint8Array(await answer.arrayBuffer())), path).toBe(hash)
  }
  return wanted.size
}

/** The newest body of each name, and each newest playlist, is read back byte for byte. */
async function expectReadBack(receiver: TestReceiver, capture: Capture, speed: string): Promise<void> {
  const kept = capture.requests.filter(isKept)
  for (const target of new Set(kept.map((request) => request.target))) {
    const requests = kept.filter((request) => request.target === target)
    const ordered = requests.toSorted((one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0))
    const newest = ordered.at(-1)
    if (newest === undefined) continue
    const possible = (speed === 'recorded' ? [newest] : requests).map((request) => sha256(request.body))
    await until(`${newest.target} read back`, async () => {
      const hash = await readBack(receiver, newest)
      return hash !== undefined && possible.includes(hash) ? hash : undefined
    })
  }
}

const pushes = captures.flatMap((capture) =>
  (['recorded', 'fast'] as const).map((speed) => ({ name: capture.name, speed, capture })),
)

test.concurrent.each(pushes)(
  '$name, $speed: no 5xx, each whole body readable by hash, each cut one invisible',
  async ({ capture, speed }) => {
    const receiver = await startReceiver(settingsFor(capture))
    try {
      const connections = await replay(capture, { ...receiver, speed, targetOf: uploadTarget, close: 'patient' })
      const statuses = connections.flatMap((connection) => connection.statuses)
      expect(statuses.filter((status) => status >= 500)).toEqual([])
      expect(statuses.length).toBeGreaterThanOrEqual(
        capture.requests.filter((request) => request.endedAt !== undefined).length,
      )
      await expectMediaKept(receiver, capture)
      await expectReadBack(receiver, capture, speed)
      for (const cut of capture.requests.filter(
        (request) => request.endedAt === undefined && request.body.length > 0,
      )) {
        expect(await readBack(receiver, cut)).not.toBe(sha256(cut.body))
      }
      await until(
        'no scratch file left',
        () => readdirSync(join(receiver.dataDir, '.receiver/scratch')).length === 0 || undefined,
      )
    } finally {
      await receiver.stop()
    }
  },
)

/** On a kept connection, closing with answers unread makes the sender's own system throw away what it has not sent. */
const oneEach = captures.filter(
  ({ requests }) => new Set(requests.map(({ connection }) => connection)).size === requests.length,
)

test.concurrent.each(oneEach)('$name: closing without reading the answer loses nothing', async (capture) => {
  const receiver = await startReceiver(settingsFor(capture))
  try {
    await replay(capture, { ...receiver, speed: 'fast', targetOf: uploadTarget, close: 'abrupt' })
    await expectMediaKept(receiver, capture)
  } finally {
    await receiver.stop()
  }
})
