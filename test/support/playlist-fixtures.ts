import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url))
/** Folders of playlists that no encoder wrote, but the authors of the check. */
const WRITTEN = /^playlists\/(?:good|bad)\//

/** A playlist of fixtures/. */
export interface PlaylistFixture {
  /** Its path below fixtures/. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** A playlist written for the check. */
export interface CheckedFixture extends PlaylistFixture {
  /** What the check must find in it, and nothing else: `LINE SEVERITY SECTION CODE`, by line. */
  readonly findings: readonly string[]
}

/** Every playlist that real encoders left in fixtures/: the bodies of the captures, and the samples. */
export function playlistFixtures(): PlaylistFixture[] {
  return allPlaylists().filter(({ name }) => !WRITTEN.test(name))
}

/** The playlists of fixtures/playlists/good and bad, with what expected-findings.json says of them. */
export function checkedFixtures(): CheckedFixture[] {
  const text = readFileSync(join(FIXTURES, 'playlists/expected-findings.json'), 'utf8')
  const expected = JSON.parse(text) as Record<string, readonly string[]>
  return allPlaylists()
    .filter(({ name }) => WRITTEN.test(name))
    .map((fixture) => ({ ...fixture, findings: expected[fixture.name.replace('playlists/', '')] ?? [] }))
}

function allPlaylists(): PlaylistFixture[] {
  const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.endsWith('.m3u8') || path.includes('.m3u8_'))
    .map((path) => ({ name: relative(FIXTURES, path), bytes: new Uint8Array(readFileSync(path)) }))
    .filter(({ bytes }) => new TextDecoder().decode(bytes.subarray(0, 7)) === '#EXTM3U')
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}
