import { flag, oneOf, setting, streamUrls, webhookSecrets } from './setting-types.ts'

/** The settings of webhooks. */
export const WEBHOOK_SETTINGS = {
  LISTENER_HOOK_URL: setting(
    streamUrls,
    '',
    'list',
    "Where it is told by POST what happens to streams, as by Ant Media Server's `listenerHookURL`: one URL for all, for an app or a stream `live=https://example.com/a,live/cam1=https://example.com/b`. A comma in a URL is written `%2C`. Empty: nobody is told.",
  ),
  WEBHOOK_SECRETS: setting(
    webhookSecrets,
    '',
    'list',
    'Secrets that webhooks are signed with, as Standard Webhooks has it: `whsec_` and 24 to 64 bytes in base64. With several there is a signature of each, so that one can take the place of another. Empty: no signature.',
  ),
  WEBHOOK_ALLOW_PRIVATE: setting(
    flag,
    'false',
    '`true`, `false`',
    'Allow webhooks to this machine and into private networks.',
  ),
  WEBHOOK_CONTENT_TYPE: setting(
    oneOf('application/json', 'application/x-www-form-urlencoded'),
    'application/json',
    '`application/json`, `application/x-www-form-urlencoded`',
    "How the body of a webhook is written, as by Ant Media Server's `webhookContentType`.",
  ),
} as const
