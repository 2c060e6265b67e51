import { readServed } from '../../src/testing/served-playlist.ts'
import { storedNames } from './kept.ts'
import type { Trial } from './trial.ts'

/** What playlists lead to and nobody can get, at this moment: of those that are served, and of those in the store. */
export async function dangling(trial: Trial, playlists: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  const inStore = new Set(await storedNames(trial))
  for (const name of playlists) {
    for (const uri of leadsTo(await trial.served(name))) {
      const isServed = uri.endsWith('.m3u8') ? (await trial.served(uri)) !== undefined : await isFetched(trial, uri)
      if (!isServed) wrong.push(`served ${name}: ${uri}`)
    }
    for (const uri of leadsTo(await trial.stored(name))) if (!inStore.has(uri)) wrong.push(`stored ${name}: ${uri}`)
  }
  return wrong
}

/** Looks every `ms` for so long; gives what was wrong at any time. */
export async function danglingFor(
  trial: Trial,
  playlists: readonly string[],
  ms: number,
  every = 250,
): Promise<string[]> {
  const wrong: string[] = []
  for (let at = 0; at < ms; at += every) {
    await trial.clock.advance(every)
    wrong.push(...(await dangling(trial, playlists)))
  }
  return wrong
}

async function isFetched(trial: Trial, name: string): Promise<boolean> {
  const { content } = await trial.receiver.origin.serve('live', name).catch(() => ({ content: undefined }))
  if (content === undefined) return false
  let bytes = 0
  for await (const piece of content.stream()) bytes += piece.length
  return bytes === content.size
}

/** Of playlists in the root folder, whose URIs need no decoding. */
function leadsTo(text: string | undefined): string[] {
  if (text === undefined) return []
  const { entries, variants } = readServed(text)
  const there = entries.filter(({ isGap }) => !isGap)
  return [...variants, ...there.flatMap(({ uri, map }) => (map === undefined ? [uri] : [uri, map.uri]))]
}
