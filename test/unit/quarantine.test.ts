import { describe, expect, test } from 'vitest'
import { MAX_QUARANTINED, MAX_QUARANTINED_BYTES } from '../../src/core/limits.ts'
import { Quarantine } from '../../src/core/quarantine.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const BROKEN = mediaList(0, ['#EXTINF:two,\na1.ts'])
const id = (count: number) => String(count).padStart(6, '0')

describe('a playlist that is refused', () => {
  test('changes nothing: the last good one stays served, and is read back', async () => {
    const trial = new Trial()
    await trial.segments(['a0.ts', 'a1.ts'])
    await trial.put(LIST, mediaList(0, ['a0.ts']))
    await expect(trial.put(LIST, BROKEN)).rejects.toMatchObject({ code: 'playlist-invalid', status: 422 })
    expect(await trial.served(LIST)).toBe(mediaList(0, ['a0.ts']))
    expect(await trial.readBack(LIST)).toBe(mediaList(0, ['a0.ts']))
    await trial.put(LIST, mediaList(0, ['a0.ts', 'a1.ts']))
    expect(await trial.served(LIST)).toBe(mediaList(0, ['a0.ts', 'a1.ts']))
  })

  test('is kept, with what was found in it, and over a restart', async () => {
    const trial = new Trial()
    await expect(trial.put(LIST, BROKEN)).rejects.toMatchObject({ code: 'playlist-invalid' })
    await trial.restart()
    expect(trial.receiver.quarantined).toMatchObject([
      {
        app: 'live',
        name: LIST,
        refusedAt: trial.clock.now(),
        text: BROKEN,
        findings: [{ code: 'extinf-invalid', line: 5 }],
      },
    ])
    expect(trial.receiver.counts.quarantinedPlaylists).toBe(1)
    expect(await trial.served(LIST)).toBeUndefined()
    expect(await trial.readBack(LIST)).toBeUndefined()
  })

  test('is logged once, with its findings and none of its words', async () => {
    const trial = new Trial()
    const text = mediaList(0, ['http://h/live/k/SECRET/hls-upload/a0.ts']).replace('#EXTINF:2', '#EXTINF:two')
    await expect(trial.put(LIST, text)).rejects.toThrow()
    const warnings = trial.log.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([{ event: 'playlist quarantined', fields: { name: LIST } }])
    expect(JSON.stringify(trial.log)).not.toContain('SECRET')
  })

  test.each([
    ['a URI of another scheme', mediaList(0, ['file:///etc/passwd'])],
    ['a URI that leaves its folder', mediaList(0, ['../../a0.ts'])],
    ['an entry that leaves its folder, in disguise', mediaList(0, ['%2e%2e/a0.ts'])],
    ['no text', '#EXTM3U\n\uFFFE'],
    ['nothing of a playlist', '<html></html>\n'],
  ])('may have %s', async (_what, text) => {
    const trial = new Trial()
    await expect(trial.put(LIST, text)).rejects.toMatchObject({ code: 'playlist-invalid' })
    expect(trial.receiver.quarantined).toMatchObject([{ text }])
  })

  test('has the line numbers of the whole list, also when its beginning was known', async () => {
    const trial = new Trial()
    const all = names('a', 60)
    await trial.segments(all)
    for (let count = 1; count < 60; count++) await trial.put(LIST, mediaList(0, all.slice(0, count)))
    const text = mediaList(0, all.with(59, '#EXTINF:two,\na59.ts'))
    await expect(trial.put(LIST, text)).rejects.toThrow()
    const line = text.split('\n').indexOf('#EXTINF:two,') + 1
    expect(trial.receiver.quarantined).toMatchObject([{ findings: [{ code: 'extinf-invalid', line }] }])
    expect(trial.receiver.quarantined[0]?.reason).toContain(`Line ${line}:`)
    expect(await trial.readBack(LIST)).toBe(mediaList(0, all.slice(0, 59)))
  })
})

test('P6: the newest so many are kept, and no more than the beginning of each', async () => {
  const quarantine = new Quarantine(memoryJournal(), new FakeClock())
  const bytes = new Uint8Array(2 * MAX_QUARANTINED_BYTES).fill(0x61)
  for (let count = 0; count < MAX_QUARANTINED + 3; count++) {
    await quarantine.keep(id(count), { app: 'live', name: String(count), reason: '', findings: [], bytes })
  }
  const kept = quarantine.list()
  expect(kept).toHaveLength(MAX_QUARANTINED)
  expect(kept.map(({ name }) => name).at(0)).toBe('3')
  expect(kept.at(-1)?.text).toHaveLength(MAX_QUARANTINED_BYTES)
})
