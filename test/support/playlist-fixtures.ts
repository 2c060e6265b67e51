import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url))

/** A playlist as a real encoder wrote it. */
export interface PlaylistFixture {
  /** Its path below fixtures/. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Every playlist that real encoders left in fixtures/: the bodies of the captures, and the samples. */
export function playlistFixtures(): PlaylistFixture[] {
  const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.endsWith('.m3u8') || path.includes('.m3u8_'))
    .map((path) => ({ name: relative(FIXTURES, path), bytes: new Uint8Array(readFileSync(path)) }))
    .filter(({ bytes }) => new TextDecoder().decode(bytes.subarray(0, 7)) === '#EXTM3U')
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}
