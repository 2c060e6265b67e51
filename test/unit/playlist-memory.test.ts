import { expect, test, vi } from 'vitest'
import { MAX_HELD_PLAYLIST_BYTES, MAX_TEXTS_BYTES } from '../../src/core/limits.ts'
import { PlaylistStates } from '../../src/core/playlist-states.ts'
import { servedText } from '../../src/core/playlist-text.ts'
import { silent } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

vi.mock('../../src/core/limits.ts', async (original) => ({
  ...(await original<object>()),
  MAX_TEXTS_BYTES: 65_536,
  MAX_HELD_PLAYLIST_BYTES: 65_536,
}))

test('playlists on their way in take memory until they are accepted', async () => {
  const trial = new Trial()
  const text = `${mediaList(0, ['a0.ts'])}${`# ${'x'.repeat(1022)}\n`.repeat(30)}`
  expect(2 * text.length).toBeLessThan(MAX_TEXTS_BYTES)
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const { commit } = trial.journal
  trial.journal.commit = (writes) => gate.then(() => commit(writes))
  const put = async (name: string) => {
    const upload = trial.begin(name)
    await upload.send(text)
    return upload
  }
  const waiting = [(await put('a.m3u8')).end(), (await put('b.m3u8')).end()]
  await expect((await put('c.m3u8')).end()).rejects.toMatchObject({ code: 'too-many-uploads' })
  open()
  expect(await Promise.all(waiting)).toEqual(['created', 'created'])
  expect(await (await put('c.m3u8')).end()).toBe('created')
})

test('playlists that are only read take memory too, and are forgotten when it is too much', async () => {
  const trial = new Trial()
  const lists = names('list', 4).map((name) => name.replace('.ts', '.m3u8'))
  for (const list of lists) await trial.put(list, mediaList(0, ['#EXT-X-GAP', ...names('a', 200)], '#EXT-X-ENDLIST'))
  const records = [...trial.journal.entries('p/')].map(([, bytes]) => bytes.length)
  expect(Math.max(...records)).toBeLessThan(MAX_HELD_PLAYLIST_BYTES)
  const states = new PlaylistStates(trial.journal, silent)
  const [first, ...others] = lists.map((list) => states.use('live', list))
  expect(first && states.isHeld(first)).toBe(false)
  const last = others.at(-1)
  expect(last && states.isHeld(last)).toBe(true)
})

test('P6: texts that are served take memory too, and those used longest ago go first', async () => {
  const trial = new Trial()
  const lists = names('list', 8).map((name) => name.replace('.ts', '.m3u8'))
  const segments = names('a', 400)
  await trial.segments(segments)
  // A long list is sealed: its record is small, and what is served of it is not.
  for (const list of lists) await trial.put(list, mediaList(0, ['#EXT-X-PLAYLIST-TYPE:EVENT', ...segments]))
  const states = new PlaylistStates(trial.journal, silent)
  const used = lists.map((list) => {
    const state = states.use('live', list)
    servedText(trial.journal, state)
    states.account(state)
    return state
  })
  expect(used.every((state) => states.isHeld(state))).toBe(true)
  const held = used.map(({ text: served }) => served !== undefined)
  expect(held[0]).toBe(false)
  expect(held.at(-1)).toBe(true)
})
