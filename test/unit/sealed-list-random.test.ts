import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../support/random.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const ENTRIES = 120
const SEEDS = 25
/** Of all steps, how many restart the receiver, send an old version, lack a segment for a while, end the list. */
const RARELY = 0.05
const all = names('a', ENTRIES)

/** The lines of an entry, with tags above it now and then. */
function entryOf(random: Random, name: string): string {
  const seldom = (line: string) => (random.next() < RARELY ? [line] : [])
  return [
    ...seldom('#EXT-X-DISCONTINUITY'),
    ...seldom(`#EXT-X-MAP:URI="init${random.whole(0, 2)}.mp4"`),
    ...seldom(`#EXT-X-KEY:METHOD=AES-128,URI="k${random.whole(0, 2)}.key"`),
    ...seldom('#EXT-X-KEY:METHOD=NONE'),
    ...seldom('# a comment'),
    ...seldom('#EXT-X-BITRATE:800'),
    '#EXTINF:2.000000,',
    ...seldom(''),
    name,
  ].join('\n')
}

async function history(seed: number): Promise<void> {
  const random = seededRandom(seed)
  const rarely = () => random.next() < RARELY
  const trial = new Trial()
  await trial.segments([0, 1, 2].flatMap((index) => [`init${index}.mp4`, `k${index}.key`]))
  const entries = all.map((name) => entryOf(random, name))
  let duration = 2
  const listOf = (count: number) => mediaList(0, entries.slice(0, count)).replace('DURATION:2', `DURATION:${duration}`)
  const late: string[] = []
  for (let count = 1; count <= ENTRIES; count++) {
    const name = all[count - 1] ?? ''
    if (rarely()) late.push(name)
    else await trial.put(name, name)
    if (rarely()) duration++
    const text = rarely() ? `${listOf(count)}#EXT-X-ENDLIST\n` : listOf(count)
    await trial.put(LIST, text)
    if (rarely()) await trial.put(LIST, listOf(random.whole(1, count - 1 || 1)).replace('#EXT-X-ENDLIST\n', ''))
    if (rarely()) await trial.restart()
    if (rarely()) await trial.clock.advance(random.whole(0, 3_000))
    if (rarely()) for (const lost of late.splice(0)) await trial.put(lost, lost)
    if (count > 1) expect(await trial.readBack(LIST), `seed ${seed}, ${count} entries`).toBe(text)
    if (late.length === 0) expect(await trial.served(LIST), `seed ${seed}, ${count} entries`).toBe(text)
  }
}

test(`a long list is served and read back as it was sent, in ${SEEDS} histories picked by chance`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await history(seed)
})
