import fc from 'fast-check'
import { readLines } from '../../src/core/playlist/scan.ts'
import { checkedFixtures, playlistFixtures } from './playlist-fixtures.ts'

/** Shorter ones are as good for mutations, and cheaper. */
const MAX_LINES = 60

const seeds = [...checkedFixtures(), ...playlistFixtures()]
  .map(({ bytes }) => readLines(bytes))
  .filter((lines) => lines.length <= MAX_LINES)

const TAGS = [...new Set(seeds.flat().map((line) => (line.startsWith('#EXT') ? line.replace(/:.*/, '') : '')))]
const words = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', '__PROTO__', '', '0', '-1', '1e999', '9'.repeat(400), '0x', '0x12', 'NaN', 'YES', 'NONE', 'AES-128'],
  ...['AUDIO', 'TYPE', 'GROUP-ID', 'NAME', 'URI', 'METHOD', 'IV', 'ID', 'BANDWIDTH', 'BYTERANGE', 'X-A-B', 'KEYFORMAT'],
  ...['urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed', 'data:text/plain;base64,%%%', '{$a}', '10@5', '10', '@', 'é🎬'],
]
const word = fc.constantFrom(...words)
const separator = fc.constantFrom('=', ',', '="', '",', '"', ' ', ':', '\t', '\r', '\u2028', '\0', "'")
const list = fc.array(fc.oneof(word, separator), { maxLength: 12 }).map((parts) => parts.join(''))
const wellFormed = fc
  .array(fc.tuple(word, word), { maxLength: 5 })
  .map((pairs) => pairs.map(([name, value]) => `${name}="${value}"`).join(','))

/** A line that no encoder writes, or one that some encoder wrote, out of its place. */
export const hostileLine: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom(...TAGS), fc.oneof(list, wellFormed)).map(([tag, value]) => `${tag}:${value}`),
  fc.constantFrom(...seeds.flat()),
  list,
)

/** Another playlist: lines of one dropped, doubled, swapped, cut short, or hostile ones put in. */
function mutate(lines: readonly string[], steps: readonly Step[]): string[] {
  const mutated = [...lines]
  for (const { kind, at, line } of steps) {
    const index = at % Math.max(1, mutated.length)
    const here = mutated[index] ?? ''
    if (kind === 'drop') mutated.splice(index, 1)
    else if (kind === 'double') mutated.splice(index, 0, here)
    else if (kind === 'swap') mutated.splice(index, 2, mutated[index + 1] ?? '', here)
    else if (kind === 'cut') mutated[index] = here.slice(0, here.length / 2)
    else mutated.splice(index, 0, line)
  }
  return mutated
}

interface Step {
  readonly kind: 'drop' | 'double' | 'swap' | 'cut' | 'put'
  readonly at: number
  readonly line: string
}

const fixture = fc.constantFrom(...seeds)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('drop', 'double', 'swap', 'cut', 'put'),
    at: fc.nat(MAX_LINES),
    line: hostileLine,
  }),
  { minLength: 1, maxLength: 4 },
)

/** The lines of a real or written playlist, a little changed. */
export const mutatedPlaylist: fc.Arbitrary<string[]> = fc
  .tuple(fixture, steps)
  .map(([lines, changes]) => mutate(lines, changes))

/** Up to three of them, of one playlist or of several. */
export const mutatedVersions: fc.Arbitrary<string[][]> = fc.oneof(
  fc.array(mutatedPlaylist, { minLength: 1, maxLength: 3 }),
  fc
    .tuple(fixture, fc.array(steps, { minLength: 1, maxLength: 3 }))
    .map(([lines, versions]) => versions.map((changes) => mutate(lines, changes))),
)
