import { expect, test } from 'vitest'
import { ABSOLUTE, FILE_IN_QUERY, FOREIGN_KEY, OWN_KEY, TOKEN } from '../e2e/support/variants.ts'
import { playVariant } from './play-variant.ts'
import { usePlayers } from './players.ts'

const players = usePlayers()

test.concurrent('AES-128 plays with the uploaded key, which viewers read beside the segments', () =>
  playVariant(players, OWN_KEY, 0, async (push) => {
    const keys = push.tap.answers.filter(({ target }) => target === '/live/streams/stream1.key')
    expect(keys.map(({ body }) => body.length)).toContain(16)
    expect(push.keyServer.reads).toBe(0)
  }))

test.concurrent('AES-128 plays with a foreign key, whose URI is passed on untouched', () =>
  playVariant(players, FOREIGN_KEY, 0, async (push) => {
    expect(await push.served('stream1.m3u8')).toContain(`#EXT-X-KEY:METHOD=AES-128,URI="${push.keyServer.url}"`)
    expect(push.keyServer.reads).toBeGreaterThan(0)
  }))

for (const variant of [ABSOLUTE, FILE_IN_QUERY, TOKEN]) {
  test.concurrent(`P7: viewers see nothing of ${variant.name}`, () => playVariant(players, variant, 1))
}
