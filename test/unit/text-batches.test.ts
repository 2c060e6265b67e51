import { expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import { TAKEN_BATCH_LINES } from '../../src/core/limits.ts'
import { type ReadPlaylist, readPlaylist } from '../../src/core/playlist/read.ts'
import { splitLines } from '../../src/core/playlist/scan.ts'
import { sharedSites } from '../../src/core/playlist/shared.ts'
import { textBatches } from '../../src/core/take-over/text-batches.ts'

const COUNT = TAKEN_BATCH_LINES

/** A long list: an init section for all, a key now and then, ranges of which only the first of a file says where it begins. */
function longText(count: number): string {
  const entries = Array.from({ length: count }, (_, index) => [
    ...(index % 1_500 === 700 ? [`#EXT-X-KEY:METHOD=AES-128,URI="k${index}.key"`] : []),
    ...(index % 1_500 === 900 ? ['#EXT-X-KEY:METHOD=NONE'] : []),
    `#EXT-X-BYTERANGE:100${index % 2_000 === 0 ? '@0' : ''}`,
    '#EXTINF:2.000000,',
    `file${Math.floor(index / 2_000)}.m4s`,
  ])
  const head = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:17']
  return [...head, '#EXT-X-MAP:URI="init.mp4"', ...entries.flat(), '#EXT-X-ENDLIST', ''].join('\n')
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += 997) yield bytes.subarray(at, at + 997)
}

/** Each entry with all that holds for it. */
function entriesOf({ scanned, parsed }: ReadPlaylist) {
  const sites = sharedSites(scanned)
  return scanned.entries.map(({ number, uri, range }, index) => ({
    number,
    uri,
    range,
    parsed: parsed.entries[index]?.uri,
    shared: sites[index]?.map((site) => site.uri),
  }))
}

test('a long text read bit by bit has what it has as a whole', async () => {
  const text = longText(COUNT)
  const found: ReturnType<typeof entriesOf> = []
  let batches = 0
  for await (const batch of textBatches(pieces(text), () => true)) {
    batches++
    found.push(...entriesOf(batch))
  }
  expect(batches).toBeGreaterThan(2)
  expect(found).toEqual(entriesOf(readPlaylist(splitLines(text))))
})

test.each([
  ['is cut', longText(3).slice(0, -5)],
  ['has a line without end', `#EXTM3U\n#${'x'.repeat(100_000)}`],
  ['is no UTF-8', '\ud800'],
])('one that %s is none', async (_what, text) => {
  const read = async () => {
    const body = text === '\ud800' ? [new Uint8Array([0xff, 0x0a])] : pieces(text)
    for await (const _ of textBatches(
      (async function* () {
        yield* body
      })(),
      () => true,
    ));
  }
  await expect(read()).rejects.toThrow(ReceiverError)
})
