import { expect, test } from 'vitest'
import { LATE, lateRendition, SUBTITLES, TWO_VARIANTS } from '../e2e/support/variants.ts'
import { play, testVariants, withPush } from './play-variant.ts'
import { usePlayers } from './players.ts'

const players = usePlayers()

testVariants(players, [SUBTITLES])

test.concurrent('P2: a variant is left out until its playlist is served', async () => {
  const player = await players.open()
  await withPush(LATE, async (push) => {
    const upload = await fetch(`${push.base}/master.m3u8`, { method: 'PUT', body: TWO_VARIANTS })
    expect(upload.status).toBe(201)
    const first = push.encode(LATE.args({ ...push, persistent: 0 }))
    expect(await push.served('master.m3u8', 'v0/stream1.m3u8')).not.toContain('v1/')
    const second = async () => {
      const late = await push.encode(lateRendition({ ...push, persistent: 0 }))
      expect(late).toMatchObject({ code: 0, stderr: '' })
    }
    await Promise.all([
      play(player, LATE, push, first),
      second(),
      push.served('master.m3u8', 'v0/stream1.m3u8', 'v1/stream1.m3u8'),
    ])
  })
  await player.close()
})
