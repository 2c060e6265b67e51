import { ReceiverError } from '../../../src/core/errors.ts'
import type { BodyFiles, Journal } from '../../../src/core/ports.ts'
import type { ReadableFile } from '../../../src/core/readable-file.ts'
import type { Receiver } from '../../../src/core/receiver.ts'
import type { StoredObject } from '../../../src/core/records.ts'
import { readServed } from '../../../src/testing/served-playlist.ts'
import type { Attempt } from './uploads.ts'

/** What is looked at after a crash. */
export interface Recovered {
  readonly receiver: Receiver
  readonly journal: Journal
  readonly files: BodyFiles
}

/** What was found: each sentence is a broken promise. */
export type Violations = string[]

/** Every promise that holds at any time after a recovery; `attempts` are all uploads of all lives so far. */
export async function brokenPromises(found: Recovered, attempts: readonly Attempt[]): Promise<Violations> {
  const objects = await readObjects(found)
  return [
    ...(await lostUploads(found.receiver, attempts, objects)),
    ...cutUploads(attempts, objects),
    ...(await orphans(found)),
    ...(await danglingEntries(found, objects)),
  ]
}

interface ServedObject {
  readonly stored: string
  /** Undefined when it cannot be read. */
  readonly bytes: Buffer | undefined
}

async function readObjects({ receiver, journal }: Recovered): Promise<ServedObject[]> {
  const names = [...journal.entries('s/live/')].map(([key]) => key.slice('s/live/'.length))
  return Promise.all(
    names.map(async (stored) => ({ stored, bytes: await bytesOf(() => receiver.origin.serve('live', stored)) })),
  )
}

/** The whole file; undefined when it is missing or cannot be read as long as it says. */
export async function bytesOf(read: () => Promise<ReadableFile>): Promise<Buffer | undefined> {
  try {
    const { content } = await read()
    const chunks: Uint8Array[] = []
    for await (const chunk of content.stream()) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    return bytes.length === content.size ? bytes : undefined
  } catch (error) {
    if (error instanceof ReceiverError) return undefined
    throw error
  }
}

const isPlaylist = (name: string): boolean => name.endsWith('.m3u8')

/** P1: each acknowledged body is served under a stored name, and the newest of each name is read back. */
async function lostUploads(
  receiver: Receiver,
  attempts: readonly Attempt[],
  objects: readonly ServedObject[],
): Promise<Violations> {
  const violations: Violations = []
  for (const { name, bytes, acknowledgedAt } of attempts) {
    if (acknowledgedAt === undefined || isPlaylist(name)) continue
    const stem = name.slice(0, name.lastIndexOf('.')).replace(/\d+$/, '')
    const isServed = objects.some((object) => object.stored.startsWith(stem) && object.bytes?.equals(bytes) === true)
    if (!isServed) violations.push(`P1: ${name} of ${bytes.length} bytes was acknowledged and is not served`)
  }
  for (const name of new Set(attempts.map((attempt) => attempt.name))) {
    const versions = attempts.filter((attempt) => attempt.name === name && !attempt.isCut)
    if (!versions.some(({ acknowledgedAt }) => acknowledgedAt !== undefined)) continue
    const read = await bytesOf(() => receiver.origin.readBack({ app: 'live', name, owner: '' }))
    // Which version of a playlist is the newest, it says itself: the order of arrival does not tell.
    const isCurrent = versions.some(
      (version) => (isPlaylist(name) || !isSuperseded(version, versions)) && read?.equals(version.bytes) === true,
    )
    if (!isCurrent) violations.push(`P1: ${name} is not read back as it was last acknowledged`)
  }
  return violations
}

/** Whether another version was sent after this one was acknowledged, and acknowledged itself. */
function isSuperseded(version: Attempt, versions: readonly Attempt[]): boolean {
  const { acknowledgedAt } = version
  if (acknowledgedAt === undefined) return false
  return versions.some((other) => other.acknowledgedAt !== undefined && other.startedAt > acknowledgedAt)
}

/** P1: nothing cut, and nothing that nobody sent, is visible; a cut upload is refused. */
function cutUploads(attempts: readonly Attempt[], objects: readonly ServedObject[]): Violations {
  const whole = attempts.filter(({ isCut }) => !isCut)
  const strange = objects.filter(
    ({ bytes }) => bytes === undefined || !whole.some((attempt) => bytes.equals(attempt.bytes)),
  )
  const accepted = attempts.filter((attempt) => attempt.isCut && attempt.outcome !== undefined)
  return [
    ...strange.map(
      ({ stored, bytes }) => `P1: ${stored} is ${bytes === undefined ? 'unreadable' : 'not what was sent'}`,
    ),
    ...accepted.map(({ name }) => `P1: ${name} was cut and acknowledged`),
  ]
}

/** P6: every body that is kept belongs to an object. */
async function orphans({ journal, files }: Recovered): Promise<Violations> {
  const decoder = new TextDecoder()
  const objects = [...journal.entries('s/')].map(([, value]) => JSON.parse(decoder.decode(value)) as StoredObject)
  const kept = new Set(objects.map(({ id }) => id))
  const inJournal = [...journal.entries('b/')].map(([key]) => key.slice('b/'.length))
  const lost = [...(await files.list()), ...inJournal].filter((id) => !kept.has(id))
  return lost.map((id) => `P6: the body ${id} belongs to nothing`)
}

/** P2: every segment that a served playlist names is served. */
async function danglingEntries(
  { receiver, journal }: Recovered,
  objects: readonly ServedObject[],
): Promise<Violations> {
  const served = new Set(objects.filter(({ bytes }) => bytes !== undefined).map(({ stored }) => stored))
  const violations: Violations = []
  for (const [key] of journal.entries('p/live/')) {
    const name = key.slice('p/live/'.length)
    const text = (await bytesOf(() => receiver.origin.serve('live', name)))?.toString() ?? ''
    const dangling = readServed(text).entries.filter(({ uri, isGap }) => !isGap && !served.has(uri))
    violations.push(...dangling.map(({ uri }) => `P2: ${name} names ${uri}, which is not served`))
  }
  return violations
}
