import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { HttpReader } from '../support/http-reader.ts'
import { hashTree, sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { viewJournal } from './journal-view.ts'
import type { Ledger, SentPlaylist } from './ledger.ts'

/** Every segment that was ever acknowledged is served, under both namespaces, with its very bytes. */
export async function checkSegments(ledger: Ledger, reader: HttpReader): Promise<void> {
  const wrong: string[] = []
  await Promise.all(
    [...ledger.segments].flatMap(([name, hash]) =>
      pathsOf(name).map(async (path) => {
        const answer = await reader.read(path)
        if (answer.status !== 200 || answer.hash !== hash) wrong.push(`${path}: ${answer.status}`)
      }),
    ),
  )
  expect(wrong, 'acknowledged segments that are lost or changed').toEqual([])
}

/** Nothing of a cut segment is there; one whose answer was lost is there whole, or not at all. */
export async function checkUnacknowledged(ledger: Ledger, reader: HttpReader): Promise<void> {
  const wrong: string[] = []
  const look = async (name: string, allowed: (status: number, hash: string) => boolean) => {
    for (const path of pathsOf(name)) {
      const { status, hash } = await reader.read(path)
      if (!allowed(status, hash)) wrong.push(`${path}: ${status}`)
    }
  }
  const cut = [...ledger.cutNames].map((name) => look(name, (status) => status === 404))
  const unanswered = [...ledger.unanswered].map(([name, whole]) =>
    look(name, (status, hash) => status === 404 || (status === 200 && hash === whole)),
  )
  await Promise.all([...cut, ...unanswered])
  expect(wrong, 'cut uploads that show').toEqual([])
}

/** Each playlist is the newest acknowledged text, or a newer whole one, when read back and as players get it. */
export async function checkPlaylists(ledger: Ledger, reader: HttpReader, dataDir: string): Promise<void> {
  for (const [name, sent] of ledger.playlists) {
    const [written, served] = await Promise.all(pathsOf(name).map((path) => reader.read(path)))
    if (sent.newest < 0 && written?.status === 404) continue
    const index = sent.texts.findIndex((text) => written?.bytes.equals(text))
    expect(index, `${name}: which of the sent texts is read back`).toBeGreaterThanOrEqual(Math.max(sent.newest, 0))
    expect(served?.hash, `${name}: what players get`).toBe(written?.hash)
    sent.newest = index
  }
  await until('the playlists in the tree to be the served ones', () => {
    const tree = hashTree(join(dataDir, 'live', 'streams'))
    const isDone = [...ledger.playlists].every(([name, sent]) => tree.get(name) === newestHash(sent))
    return isDone ? true : undefined
  })
}

/**
 * Whatever stands in the public tree was sent whole; true at any moment, also while no server runs. A playlist may have holes,
 * or end, where a segment is not in the tree yet.
 */
export function checkNothingPartial(ledger: Ledger, dataDir: string): void {
  const tree = hashTree(join(dataDir, 'live', 'streams'))
  const unknown = [...tree].filter(([, hash]) => !ledger.whole.has(hash)).map(([path]) => path)
  const foreign = unknown.filter((path) => !isReduced(ledger, path, join(dataDir, 'live', 'streams', path)))
  expect(foreign, 'files that nobody sent whole').toEqual([])
}

/** Whether a file is a playlist that was sent, up to some entry, but for holes. */
function isReduced(ledger: Ledger, name: string, path: string): boolean {
  const text = readFileSync(path, 'utf8').replaceAll('#EXT-X-GAP\n', '')
  return ledger.playlists.get(name)?.texts.some((sent) => sent.toString().startsWith(text)) === true
}

/** Once the store has settled: every acknowledged segment stands in the public tree, and no temporary file is left. */
export async function checkTree(ledger: Ledger, dataDir: string): Promise<void> {
  checkNothingPartial(ledger, dataDir)
  const tree = hashTree(join(dataDir, 'live', 'streams'))
  const absent = [...ledger.segments].filter(([name, hash]) => tree.get(name) !== hash).map(([name]) => name)
  expect(absent, 'acknowledged segments that the tree lacks').toEqual([])
  await until('no temporary file left', () =>
    readdirSync(join(dataDir, '.receiver', 'scratch')).length === 0 ? true : undefined,
  )
}

/** With the server gone: body files and the journal's list of what is not stored yet are about the same objects. */
export async function checkCustody(dataDir: string): Promise<number> {
  const bodies = readdirSync(join(dataDir, '.receiver', 'bodies'))
  const there = new Set(bodies)
  const unstored = await viewJournal(dataDir, (journal) => journal.unstored())
  const orphans = bodies.filter((id) => !unstored.has(id))
  expect(orphans, 'body files of no accepted object').toEqual([])
  const lost = [...unstored].filter(([id, object]) => object === undefined || (!object.inline && !there.has(id)))
  expect(lost, 'accepted objects without their body').toEqual([])
  return bodies.length
}

function pathsOf(name: string): string[] {
  return [`/live/hls-upload/${name}`, `/live/streams/${name}`]
}

function newestHash(sent: SentPlaylist): string | undefined {
  const text = sent.texts[sent.newest]
  return text === undefined ? undefined : sha256(text)
}
