import { type ListShape, LiveList } from './live-list.ts'
import { type PlaylistServer, untilQuiet } from './playlist-servers.ts'
import { assertServed, Encoder } from './playlist-upload.ts'

/** One way that a playlist goes on. */
export interface Load {
  /** As it stands in the table. */
  readonly name: string
  /** Begins the name of its stream, or of its streams. */
  readonly stream: string
  readonly shape: ListShape
  /** Whether each round begins a stream of its own, or goes on with the last one. */
  readonly renews: boolean
}

/** The receiver, and the bare sink that gets the same bodies. */
export type Servers = readonly [receiver: PlaylistServer, sink: PlaylistServer]
/** The same playlist for both, each with a copy that goes on by itself. */
export type Twins = readonly [LiveList, LiveList]

/** CPU time per PUT in ms, user and system. */
export interface Block {
  readonly receiver: number
  readonly bare: number
}

/** The list that the others are held against. */
export const SHORT: Load = {
  name: 'live list of 10 entries, sliding',
  stream: 'short',
  shape: { entries: 10, slides: true },
  renews: false,
}
/** The list of a stream that began a minute ago. */
export const YOUNG: Load = {
  name: 'EVENT list, from 10 entries on',
  stream: 'young',
  shape: { entries: 10, slides: false },
  renews: true,
}
/** The list of a stream that goes on for most of a day. */
export const LONG: Load = {
  name: 'EVENT list, from 40,000 entries on',
  stream: 'long',
  shape: { entries: 40_000, slides: false },
  renews: false,
}

/** PUTs that one server gets before it is the other's turn, so that what else the machine does hits both alike. */
export const SLICE = 50

/** The stream of a load in a round, counted from 0. */
export function streamOf({ stream, renews }: Load, round: number): string {
  return renews ? `${stream}-${round}-` : stream
}

/** A load's playlist in a round, for both servers. */
export function twinsOf(load: Load, round: number): Twins {
  const stream = streamOf(load, round)
  return [new LiveList(stream, load.shape), new LiveList(stream, load.shape)]
}

/** Uploads the next versions of a playlist to both servers, and waits until all that follows is done. */
export async function measureBlock(servers: Servers, twins: Twins, versions: number): Promise<Block> {
  const encoders = await Promise.all(servers.map(({ port }) => new Encoder(port).opened()))
  const before = servers.map((server) => server.cpu())
  for (let sent = 0; sent < versions; sent += SLICE) {
    const count = Math.min(SLICE, versions - sent)
    for (const [index, encoder] of encoders.entries()) await putVersions(encoder, twins[index], count)
  }
  for (const encoder of encoders) encoder.close()
  await Promise.all(servers.map(untilQuiet))
  const [receiver = 0, bare = 0] = servers.map((server, index) => server.cpu() - (before[index] ?? 0))
  await assertServed(servers[0].port, twins[0])
  return { receiver: (receiver * 1_000) / versions, bare: (bare * 1_000) / versions }
}

async function putVersions(encoder: Encoder, list: LiveList | undefined, versions: number): Promise<void> {
  if (list === undefined) return
  for (let version = 0; version < versions; version++) await encoder.put(list.name, list.next())
}
