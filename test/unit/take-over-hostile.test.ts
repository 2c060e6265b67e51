import { expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { MAX_PLAYLIST_BYTES } from '../../src/core/limits.ts'
import { storeKey } from '../../src/core/storing/store-key.ts'
import { dangling } from '../support/dangling.ts'
import { sendRun } from '../support/sent-run.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const RUN = 'cam-2026-11-22_09-00-00.000.m3u8'

/** Puts something into the store that no receiver put there. */
async function plant(trial: Trial, key: string, body: string | Uint8Array): Promise<void> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  await trial.store.put(key, contentOf(bytes), { contentType: 'text/plain' })
}

/** As a receiver writes a run. */
function runText(number: number, lines: readonly string[], type = 'VOD'): string {
  const head = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${number}`]
  return [...head, `#EXT-X-PLAYLIST-TYPE:${type}`, ...lines, END].map((line) => `${line}\n`).join('')
}

function entries(uris: readonly string[]): string[] {
  return uris.flatMap((uri) => ['#EXTINF:2.000000,', uri])
}

async function takenOver(plantAll: (trial: Trial) => Promise<void>): Promise<Trial> {
  const trial = new Trial()
  await sendRun(trial, { list: 'cam.m3u8', prefix: 'cam', count: 8, first: 20 })
  await trial.clock.advance(10_000)
  await trial.loseDisk()
  await plantAll(trial)
  trial.log.length = 0
  await trial.takeOver()
  await trial.clock.advance(10_000)
  return trial
}

const warnings = (trial: Trial) => trial.log.filter(({ level }) => level !== 'info')

const BAD: Record<string, string | Uint8Array> = {
  'nothing.m3u8': '',
  'text.m3u8': 'hello',
  'binary.m3u8': new Uint8Array([0x23, 0xff, 0xfe, 0x00]),
  'cut.m3u8': '#EXTM3U\n#EXTINF:2,\na.ts',
  'no-duration.m3u8': '#EXTM3U\n#EXT-X-TARGETDURATION:2\na.ts\n',
  'long-line.m3u8': `#EXTM3U\n#${'x'.repeat(20_000)}\n`,
  'huge.m3u8': `#EXTM3U\n${'#\n'.repeat(MAX_PLAYLIST_BYTES / 2)}`,
  'out.m3u8': mediaList(0, ['../../../etc/passwd']),
  'out-of-app.m3u8': mediaList(0, ['../a.ts']),
  'other-scheme.m3u8': mediaList(0, ['file:///etc/passwd']),
  'map-out.m3u8': mediaList(0, ['#EXT-X-MAP:URI="../../init.mp4"', 'cam000000020.ts']),
  'poison.m3u8': mediaList(0, ['#EXT-X-DATERANGE:__proto__="x",ID="1"', 'cam000000020.ts']),
  'numbers.m3u8': mediaList(0, []).replace(':0', ':99999999999999999999'),
}

test('what is no playlist, or leads out of its app, is left alone with one line in the log each', async () => {
  const trial = await takenOver(async (planted) => {
    for (const [name, body] of Object.entries(BAD)) await plant(planted, storeKey('live', name), body)
  })
  expect(warnings(trial).map(({ fields }) => fields?.['name'])).toEqual(Object.keys(BAD).sort())
  for (const name of Object.keys(BAD)) expect(await trial.served(name), name).toBeUndefined()
  expect(await trial.recorded('cam.m3u8')).toHaveLength(8)
  expect(await trial.put('text.m3u8', mediaList(0, []))).toBe('created')
})

test('names that no receiver gives are left alone without a word', async () => {
  const trial = await takenOver(async (planted) => {
    const odd = [
      '.hidden.m3u8',
      'a\u0001b.ts',
      'a\u0001b.m3u8',
      'x.ts/y.m3u8',
      'a//b.m3u8',
      'a/../b.m3u8',
      'q?x.m3u8',
      'z.html',
    ]
    for (const name of odd) await plant(planted, storeKey('live', name), mediaList(0, ['cam000000020.ts']))
    for (const key of ['other.txt', 'k/streams/a.m3u8', `${'x'.repeat(80)}/streams/a.m3u8`])
      await plant(planted, key, 'x')
  })
  expect(warnings(trial)).toEqual([])
  const keys = ['p/', 's/'].flatMap((prefix) => [...trial.journal.entries(prefix)].map(([key]) => key))
  expect(keys).toEqual(['p/live/cam.m3u8', ...names('cam0000000', 8, 20).map((name) => `s/live/${name}`)])
})

test('P2: a list that names what is not there has holes, and takes what is, no other', async () => {
  const trial = await takenOver(async (planted) => {
    const uris = [
      'cam000000020.ts',
      'gone.ts',
      'http://elsewhere/a.ts',
      '#EXT-X-BYTERANGE:500@0',
      'cam000000021.ts',
      'cam000000027.ts',
    ]
    await plant(planted, storeKey('live', 'mixed.m3u8'), mediaList(0, uris, END))
  })
  expect(await trial.recorded('mixed.m3u8')).toEqual(['cam000000020.ts', 'GAP', 'GAP', 'GAP', 'cam000000027.ts'])
  expect(await dangling(trial, ['mixed.m3u8', 'cam.m3u8'])).toEqual([])
})

test('the text of a run counts as far as it can be read', async () => {
  const trial = await takenOver(async (planted) => {
    const long = names('x', 6_000)
    const bad = [...entries(long), '#EXTINF:none,', 'bad.ts', ...entries(long)]
    await plant(planted, storeKey('live', RUN), runText(0, bad))
  })
  expect(warnings(trial).map(({ fields }) => fields?.['name'])).toEqual([RUN])
  expect((await trial.recorded('cam.m3u8')).slice(-3)).toEqual(names('cam0000000', 3, 25))
})

test.each([
  ['begin behind the live list', 1_000, 8],
  ['have more entries than numbers', 19, 9],
  ['begin at the greatest number', Number.MAX_SAFE_INTEGER, 8],
])('P4: texts of runs that %s move no number of the live list', async (_what, number, count) => {
  const before = new Trial()
  await sendRun(before, { list: 'cam.m3u8', prefix: 'cam', count: 8, first: 20 })
  const trial = await takenOver((planted) =>
    plant(planted, storeKey('live', RUN), runText(number, entries(['cam000000020.ts', ...names('y', 50)]))),
  )
  expect(await trial.served('cam.m3u8')).toBe(await before.served('cam.m3u8'))
  const recorded = await trial.recorded('cam.m3u8')
  expect(recorded.slice(-3)).toEqual(names('cam0000000', 3, 25))
  expect(recorded).toHaveLength(count)
})

test('very many entries, and names that come again and again, take their time and no more', async () => {
  const again = Array.from({ length: 40_000 }, (_, index) => `cam0000000${20 + (index % 8)}.ts`)
  const trial = await takenOver(async (planted) => {
    await plant(planted, storeKey('live', RUN), runText(0, entries(again)))
    await plant(planted, storeKey('live', 'again.m3u8'), mediaList(0, again.slice(0, 20_000), END))
  })
  expect((await trial.recordedText('again.m3u8'))?.split('\n').filter((line) => line.endsWith('.ts'))).toHaveLength(
    20_000,
  )
  expect(await trial.served('cam.m3u8')).toContain('cam000000027.ts')
})

test('P5: a text of a run without entries tells nothing, and is written anew when the run of its name is over', async () => {
  const trial = new Trial()
  await sendRun(trial, { list: 'cam.m3u8', prefix: 'cam', count: 5 })
  await trial.clock.advance(10_000)
  const [run = ''] = await trial.runs('cam.m3u8')
  await trial.loseDisk()
  await plant(trial, storeKey('live', run), runText(0, [], 'EVENT').replace(`${END}\n`, ''))
  await plant(trial, storeKey('live', RUN), runText(0, []))
  await trial.takeOver()
  expect(await trial.runs('cam.m3u8')).toEqual([run])
  expect([...trial.journal.entries('p/')]).toHaveLength(1)
  await sendRun(trial, { list: 'cam.m3u8', prefix: 'cam', count: 3, mark: ' anew', isEnded: true })
  await trial.clock.advance(10_000)
  expect(await trial.stored(run)).toContain('cam000000005.ts')
  expect(await trial.recorded('cam.m3u8')).toHaveLength(8)
})
