import { isIP } from 'node:net'
import { type Config, ConfigError } from '../config/schema.ts'
import { WEBHOOK_RETRY_MAX_MS, WEBHOOK_RETRY_MIN_MS, WEBHOOK_TIMEOUT_MS } from '../core/limits.ts'
import type { Host, Journal } from '../core/ports.ts'
import { ruleFor } from '../core/stream-rule.ts'
import { WebhookQueue } from '../core/webhooks/webhook-queue.ts'
import { isPublicAddress } from './public-address.ts'
import { hostOf, webhookSender } from './webhook-sender.ts'

/** What tells events, as the settings say; it is to be begun when the streams are recovered. Throws ConfigError. */
export function openWebhooks(config: Config, host: Host, journal: Journal): WebhookQueue {
  const { LISTENER_HOOK_URL: hooks, WEBHOOK_SECRETS: secrets, WEBHOOK_ALLOW_PRIVATE: allowPrivate } = config
  if (!allowPrivate && hooks.some(({ value }) => isPrivateHost(hostOf(value)))) {
    throw new ConfigError(
      'LISTENER_HOOK_URL leads to this machine or a private network: set WEBHOOK_ALLOW_PRIVATE=true.',
    )
  }
  if (hooks.length > 0 && secrets.length === 0) {
    host.log.warn('webhooks are not signed: set WEBHOOK_SECRETS, so that who is told can know by whom')
  }
  const urlFor = ruleFor<string | undefined>(hooks, undefined)
  return new WebhookQueue({
    host,
    journal,
    sender: webhookSender({ timeoutMs: WEBHOOK_TIMEOUT_MS, allowPrivate }),
    contentType: config.WEBHOOK_CONTENT_TYPE,
    secrets,
    pauses: { firstMs: WEBHOOK_RETRY_MIN_MS, longestMs: WEBHOOK_RETRY_MAX_MS },
    // Rules go by names of files, in which an id with a dot would end there.
    hookFor: (app, id) => urlFor(app, `${id}.m3u8`),
  })
}

/** What is known without a look-up. */
function isPrivateHost(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && !isPublicAddress(host))
}
