import { goesToS3 } from '../config/product-settings.ts'
import type { Config } from '../config/schema.ts'
import type { ReadInput } from '../core/making/order.ts'
import type { Host } from '../core/ports.ts'
import { Productions } from '../core/productions.ts'
import type { Receiver } from '../core/receiver.ts'
import type { StaleRule } from '../core/stale-rule.ts'
import type { EventQueue } from '../core/webhooks/stream-event.ts'
import type { Making } from './maker.ts'
import { previewRules, recordingRules, vodNaming } from './production-rules.ts'
import type { Storage } from './storage.ts'
import { vodFolders } from './vod-folders.ts'

/** What becomes of a receiver's streams besides HLS, as the settings say; it is to be begun when the receiver listens. */
export function openProductions(
  config: Config,
  parts: {
    readonly host: Host
    readonly storage: Storage
    readonly receiver: Receiver
    readonly stale: StaleRule
    readonly events: EventQueue
    readonly making: Making
  },
): Productions {
  const { storage, making } = parts
  const { journal, files, products } = storage
  return new Productions({
    ...{ ...parts, journal, files, products, maker: making.maker },
    rules: recordingRules(config),
    naming: vodNaming(config),
    previews: previewRules(config),
    isHlsUploaded: goesToS3(config, 'hls'),
    concurrency: making.concurrency,
    maxBytes: config.JOB_MAX_BYTES,
    readFolder: vodFolders(config.VOD_FOLDERS, parts.host.log),
  })
}

/** Reads what this receiver serves, wherever it lies. */
export function originReader({ origin }: Receiver): ReadInput {
  return async function* read(app, stored, range) {
    const { content } = await origin.serve(app, stored)
    yield* content.stream(range?.start, range?.end)
  }
}
