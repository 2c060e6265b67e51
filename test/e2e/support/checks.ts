import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPlaylistBody } from '../../../src/testing/index.ts'
import { hashTree, sha256 } from '../../support/tree.ts'
import { KEY, type Push } from './push.ts'

/** The hashes of what left the encoder and of what is stored, without playlists; equal when nothing was lost. */
export function hashesOf({ tee, receiver }: Push): { sent: string[]; stored: string[] } {
  const sent = tee.recording.bodies.filter(({ bytes }) => bytes.length > 0 && !isPlaylistBody(bytes))
  const stored = [...hashTree(join(receiver.dataDir, 'live/streams'))].filter(([name]) => !name.endsWith('.m3u8'))
  const unique = (hashes: readonly string[]) => [...new Set(hashes)].sort()
  return { sent: unique(sent.map(({ bytes }) => sha256(bytes))), stored: unique(stored.map(([, hash]) => hash)) }
}

/** Where an ingest key, a token or an upload URL shows: in what viewers got, in the tree, in the log. */
export function leaksOf({ receiver, tee, tap }: Push): string[] {
  const root = join(receiver.dataDir, 'live')
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  const places: [string, string][] = [
    ...tap.answers.map(({ target, head, body }): [string, string] => [target, `${head}\n${body.toString('latin1')}`]),
    ...paths.map((path): [string, string] => [path, readFileSync(path, 'latin1')]),
    ['log', receiver.logLines.join('\n')],
  ]
  const secrets = [KEY, 'hls-upload', 'token=', 'for-viewers', `:${tee.port}`]
  return places.flatMap(([place, text]) => {
    // Four bytes turn up by chance in media.
    const short = /\.(m3u8|vtt)$|^log$/.test(place) ? ['cid='] : []
    const found = [...secrets, ...short].filter((secret) => `${place}\n${text}`.includes(secret))
    return found.map((secret) => `P7: ${secret} in ${place}`)
  })
}

/** Every answer to a player that was neither the file nor its range. */
export function refusalsOf({ tap }: Push): string[] {
  const bad = tap.answers.filter(({ status }) => ![200, 206, 304].includes(status))
  return bad.map(({ method, target, status }) => `P2: ${method} ${target} was answered ${status}`)
}
