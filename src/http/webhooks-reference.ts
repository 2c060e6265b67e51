import {
  MAX_EVENTS,
  MAX_STREAM_EVENTS,
  WEBHOOK_MAX_AGE_MS,
  WEBHOOK_MIN_ATTEMPTS,
  WEBHOOK_RETRY_AFTER_MAX_MS,
  WEBHOOK_RETRY_MAX_MS,
  WEBHOOK_RETRY_MIN_MS,
  WEBHOOK_TIMEOUT_MS,
  WEBHOOKS_AT_ONCE,
  WEBHOOKS_PER_HOST,
} from '../core/limits.ts'
import { eventBody } from '../core/webhooks/event-body.ts'
import { EVENT_FIELDS, EVENT_SAMPLES, EVENTS } from '../core/webhooks/events.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

const INTRODUCTION = [
  '`LISTENER_HOOK_URL` names where it is told what happens to streams: one URL for all, or others for an app or a stream, the one',
  'that says most counts. Each event is a `POST`, as Ant Media Server sends it to its `listenerHookURL`.',
  '',
  '```sh',
  'export WEBHOOK_SECRETS="$(cat webhook-secret)"   # made once: echo "whsec_$(openssl rand -base64 32)" > webhook-secret',
  'export LISTENER_HOOK_URL=https://example.com/hook,live/cam1=https://example.com/cam1',
  'hls-receiver serve',
  '```',
]

const VERIFYING = [
  '## How to know who sent it',
  '',
  'With `WEBHOOK_SECRETS` each request is signed as [Standard Webhooks](https://www.standardwebhooks.com) has it; there are libraries for most languages.',
  '',
  '```js',
  "import { Webhook } from 'standardwebhooks'",
  '',
  '// Throws when the signature is wrong, or older than five minutes. The body must be as it came, byte for byte.',
  'const event = new Webhook(secret).verify(body, request.headers)',
  '```',
  '',
  '- `webhook-id` tells an event from others, and is the same each time that it is sent: whoever has seen it need not do it again.',
  '- `webhook-timestamp` is when this attempt was made, in seconds since the epoch.',
  '- `webhook-signature` is `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64. With several secrets there is one of each, separated',
  '  by spaces: to change a secret, add the new one, teach it to the receivers, then take the old one away.',
  '',
  'Form bodies are signed the same way; a library that reads JSON must be told not to. Without a secret there is no signature, and the log',
  'warns at the start. A user and a password in the URL are sent as Basic authorization. The log shows hosts alone, no URL.',
]

function delivery(): string[] {
  return [
    '## What can be relied on',
    '',
    '- **At least once.** An event is written down together with what it tells of, and crossed off when its answer was 2xx. It survives a crash,',
    '  and may then come twice.',
    '- **In order** for each stream: the next event of a stream waits until the one before was taken. Streams do not wait for each other.',
    `- **Again** after any other answer, a redirect too, and after ${WEBHOOK_TIMEOUT_MS / SECOND_MS} s without one: ${WEBHOOK_RETRY_MIN_MS / SECOND_MS} s later, then twice as long each time up to`,
    `  ${WEBHOOK_RETRY_MAX_MS / MINUTE_MS} min, less up to half of it by chance. \`Retry-After\` makes it longer, up to ${WEBHOOK_RETRY_AFTER_MAX_MS / HOUR_MS} h.`,
    `- **Given up**, with an error in the log, when it is ${WEBHOOK_MAX_AGE_MS / HOUR_MS} h old and ${WEBHOOK_MIN_ATTEMPTS} attempts in a row have failed, at once when the answer is 410, and`,
    '  when its URL is set no more. What waits goes to the URL that is set now.',
    `- **Bounded.** ${thousands(MAX_STREAM_EVENTS)} events of a stream may wait, ${thousands(MAX_EVENTS)} in all; beyond, the oldest is given up, of the stream that has most: the newest`,
    `  say how things are. ${WEBHOOKS_AT_ONCE} requests run at once, ${WEBHOOKS_PER_HOST} to one host.`,
    '- **No private networks.** Unless `WEBHOOK_ALLOW_PRIVATE=true`, no connection is made to this machine, to private and link-local',
    '  addresses or those of special purposes, whatever name leads there. Certificates are verified.',
  ]
}

/** The text of docs/webhooks.md. */
export function webhooksReference(): string {
  const events = Object.entries(EVENTS).map(([action, { text, fields }]) => {
    return `| \`${action}\` | ${fields.map((field) => `\`${field}\``).join(', ')} | ${text} |`
  })
  const fields = Object.entries(EVENT_FIELDS).map(([name, { value, text }]) => `| \`${name}\` | ${value} | ${text} |`)
  const examples = EVENT_SAMPLES.map((event) => eventBody(event, 'application/json'))
  return [
    '# Webhooks',
    '',
    'Made from `src/core/webhooks/events.ts` and `src/http/webhooks-reference.ts` by `npm run docs`.',
    '',
    ...INTRODUCTION,
    '',
    '## Events',
    '',
    '| event | fields of its own | when |',
    '|---|---|---|',
    ...events,
    '',
    '## Bodies',
    '',
    '| field | value | meaning |',
    '|---|---|---|',
    ...fields,
    '',
    'Blank fields are left out. There may be more fields in later versions.',
    '',
    '```json',
    ...examples,
    '```',
    '',
    'With `WEBHOOK_CONTENT_TYPE=application/x-www-form-urlencoded` the same fields come as a form.',
    '',
    ...VERIFYING,
    '',
    ...delivery(),
    '',
  ].join('\n')
}

function thousands(count: number): string {
  return count.toLocaleString('en')
}
