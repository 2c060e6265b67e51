import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startReceiver, type TestReceiver } from '../../../src/testing/index.ts'
import { type Finished, start } from '../../support/ffmpeg.ts'
import { until } from '../../support/until.ts'
import { type KeyServer, startKeyServer } from './key-server.ts'
import { type OriginTap, startOriginTap } from './origin-tap.ts'
import { startWireTee, type WireTee } from './wire-tee.ts'

/** The ingest key of every push: it must show nowhere. */
export const KEY = 's3cret-upload-key'

let nextTone = 300

/** A receiver between what records the encoder and what records the viewers. */
export interface Push {
  readonly receiver: TestReceiver
  readonly tee: WireTee
  readonly tap: OriginTap
  /** Where encoders upload to, with the key in the path. */
  readonly base: string
  /** For files that an encoder reads. */
  readonly folder: string
  /** Somebody else's. */
  readonly keyServer: KeyServer
  /** The tone of this push, in Hz: no two pushes have the same bytes. */
  readonly tone: number
  /** Where players read a stored name. */
  playUrl(name: string): string
  /** Starts ffmpeg, which ends with the push. */
  encode(args: readonly string[]): Promise<Finished>
  /** Waits until a playlist is served that holds all of the texts; not seen by the tap. */
  served(name: string, ...texts: readonly string[]): Promise<string>
  stop(): Promise<void>
}

/** Starts a receiver that wants KEY, with a recorder on either side. */
export async function startPush(): Promise<Push> {
  const receiver = await startReceiver({ INGEST_KEYS: KEY })
  const tee = await startWireTee(receiver.port)
  const tap = await startOriginTap(receiver.port)
  const keyServer = await startKeyServer()
  const folder = mkdtempSync(join(tmpdir(), 'push-'))
  const encoders: ReturnType<typeof start>[] = []
  return {
    receiver,
    tee,
    tap,
    folder,
    keyServer,
    tone: nextTone++,
    base: `http://127.0.0.1:${tee.port}/live/k/${KEY}/hls-upload`,
    playUrl: (name) => `${tap.url}/live/streams/${name}`,
    encode(args) {
      const encoder = start('ffmpeg', args)
      encoders.push(encoder)
      return encoder.finished
    },
    served: (name, ...texts) =>
      until(`${name} with ${texts.join(', ')}`, async () => {
        const answer = await fetch(`${receiver.url}/live/streams/${name}`)
        const text = await answer.text()
        return answer.ok && texts.every((part) => text.includes(part)) ? text : undefined
      }),
    async stop() {
      for (const { child } of encoders) child.kill('SIGKILL')
      await Promise.all(encoders.map(({ finished }) => finished))
      keyServer.stop()
      await tap.stop()
      await tee.stop()
      await receiver.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
