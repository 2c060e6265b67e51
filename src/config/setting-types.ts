import { z } from 'zod'
import { MAX_PREFIX_BYTES } from '../core/limits.ts'
import { type PolicyRule, RESTART_POLICIES } from '../core/restart-policy.ts'
import { isAppName, type Mount } from '../core/upload-target.ts'
import { type IngestKey, parseIngestKeys } from './ingest-keys.ts'
import { parseRestartPolicies } from './restart-policies.ts'
import { parseStreamNumbers, parseStreamRules, parseStreamUrls } from './stream-rules.ts'
import { parseWebhookSecret } from './webhook-secrets.ts'

/** Values separated by commas. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)
/** A yes or no. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
/** A whole number within bounds. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d+$/, 'wants a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))

/** `/hls-stream=live` serves one app, `/:app/ingest` takes the app from the path. */
export const mount = z.string().transform((text, context): Mount => {
  const [path = '', app, ...more] = text.split('=')
  const parts = path.split('/').filter((part) => part !== '')
  const takesApp = parts[0] === ':app'
  const literals = takesApp ? parts.slice(1) : parts
  // The management API is there: /APP/rest/v2.
  const isTaken = (takesApp ? literals[0] : literals[1]) === 'rest'
  const isPath =
    !isTaken && path.startsWith('/') && literals.length > 0 && literals.every((part) => /^[\w-][\w.-]*$/.test(part))
  if (!isPath || more.length > 0 || takesApp !== (app === undefined) || (app !== undefined && !isAppName(app))) {
    context.addIssue({ code: 'custom', message: 'wants entries like /hls-stream=live or /:app/ingest' })
    return z.NEVER
  }
  return { app: app ?? null, parts: literals }
})

/** Ingest keys, see `parseIngestKeys`. */
export const ingestKeys = list.transform((items, context): IngestKey[] => {
  const keys = parseIngestKeys(items)
  if (keys !== null) return keys
  context.addIssue({
    code: 'custom',
    message:
      'wants KEY, APP=KEY or APP/STREAM=KEY, no key for two streams of one app; a key has letters, digits and -._~',
  })
  return z.NEVER
})

/** Restart policies, see `parseRestartPolicies`. */
export const restartPolicies = list.transform((items, context): PolicyRule[] => {
  const rules = parseRestartPolicies(items)
  if (rules !== null) return rules
  context.addIssue({
    code: 'custom',
    message: `wants POLICY, APP=POLICY or APP/STREAM=POLICY, each once; a policy is ${RESTART_POLICIES.join(', ')}`,
  })
  return z.NEVER
})

/** One of some words for everything, an app, or a stream, see `parseStreamRules`. */
export const streamRules = <const Words extends readonly string[]>(...words: Words) =>
  list.transform((items, context) => {
    const rules = parseStreamRules<Words[number]>(items, words)
    if (rules !== null) return rules
    const message = `wants WORD, APP=WORD or APP/STREAM=WORD, each once; a word is ${words.join(' or ')}`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

/** A number for everything, an app, or a stream, see `parseStreamNumbers`. */
export const streamNumbers = list.transform((items, context) => {
  const rules = parseStreamNumbers(items)
  if (rules !== null) return rules
  const message = 'wants NUMBER, APP=NUMBER or APP/STREAM=NUMBER, each once; a number is whole'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})
/** A number for each app, or for one, see `parseStreamNumbers`. */
export const appNumbers = streamNumbers.refine(
  (rules) => rules.every(({ stream }) => stream === undefined),
  'wants NUMBER or APP=NUMBER: it is for all streams of an app',
)

/** An http or https URL for everything, an app, or a stream, see `parseStreamUrls`. */
export const streamUrls = list.transform((items, context) => {
  const rules = parseStreamUrls(items)
  if (rules !== null) return rules
  const message = 'wants URL, APP=URL or APP/STREAM=URL, each once; a URL is http or https, a comma in it is %2C'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

/** Secrets of webhooks, see `parseWebhookSecret`. */
export const webhookSecrets = list.transform((items, context) => {
  const secrets = items.map(parseWebhookSecret).filter((secret) => secret !== null)
  if (secrets.length === items.length) return secrets
  context.addIssue({ code: 'custom', message: 'wants secrets like whsec_ and 24 to 64 bytes in base64' })
  return z.NEVER
})

/** App names. */
export const appList = list.refine((apps) => apps.every(isAppName), 'wants app names of letters, digits and -._')

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** A setting: type, default and text. */
export interface Setting<T extends z.ZodType> {
  readonly type: T
  /** As one would write it in the environment. */
  readonly default: string
  /** The kind of value, for the reference. */
  readonly value: string
  readonly text: string
}

/** Makes a setting; `fallback` as one would write it in the environment. */
export function setting<T extends z.ZodType>(type: T, fallback: string, value: string, text: string): Setting<T> {
  return { type, default: fallback, value, text }
}

/** A setting of any type. */
export type AnySetting = Setting<z.ZodType>
/** The values of settings, checked. */
export type ValuesOf<Settings extends Record<string, AnySetting>> = {
  readonly [Name in keyof Settings]: z.output<Settings[Name]['type']>
}

/** Text of one line. */
export const text = z.string()
/** Text that must not be empty. */
export const someText = z.string().min(1)
/** One of some words. */
export const oneOf = <const Words extends readonly string[]>(...words: Words) => z.enum(words)
/** Text; empty stands for `fallback`. */
export const textOr = (fallback: string) => text.transform((value) => (value === '' ? fallback : value))
/** An http or https URL without a password, which logs would show, or nothing. */
export const optionalUrl = z
  .literal('')
  .or(
    z
      .url({ protocol: /^https?$/, error: 'wants an http or https URL' })
      .refine((url) => !hasCredentials(url), 'wants a URL without user and password'),
  )
/** Address of Redis, or nothing. What is wrong with it is told without it: it may hold a password. */
export const redisUrl = z
  .string()
  .refine(isRedisUrl, 'wants a URL like redis://host:6379 or rediss://user:password@host')
/** Name of a queue in Redis. */
export const queueName = z.string().regex(/^[\w.-]{1,64}$/, 'wants up to 64 letters, digits and -._')
/** A key that workers show: nobody guesses it. */
export const workerKey = z.string().regex(/^[\w.~-]{16,256}$/, 'wants 16 letters, digits and -._~ or more')
/** Upload endpoints, see `mount`. */
export const mounts = list.pipe(z.array(mount))
/** An IANA time zone. */
export const timeZone = z.string().refine(isTimeZone, 'wants a time zone like UTC or Europe/Berlin')
/** A prefix of S3 keys: parts of letters, digits and -._ separated by slashes; `:app` stands for the app. */
export const keyPrefix = z
  .string()
  .refine((prefix) => prefix.split('/').every(isPrefixPart), 'wants parts like live/streams, or :app/streams')
  .refine(isShortPrefix, `wants at most ${MAX_PREFIX_BYTES} characters besides :app, and that once`)

/** A relative folder of letters, digits and -._ separated by slashes, which gets a slash behind; or nothing. */
export const subfolder = z
  .string()
  .refine((folder) => folder === '' || folder.split('/').every(isFolderPart), 'wants a folder like recordings/mp4')
  .transform((folder) => (folder === '' ? '' : `${folder}/`))

/** The same, or nothing. */
export const nothingOr = <T extends z.ZodType>(type: T) => z.literal('').or(type)

/** Its keys must not be longer than a store takes. */
function isShortPrefix(prefix: string): boolean {
  const others = prefix.split('/').filter((part) => part !== ':app')
  return others.join('/').length <= MAX_PREFIX_BYTES && others.length >= prefix.split('/').length - 1
}

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

function isRedisUrl(url: string): boolean {
  if (url === '') return true
  return URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol) && new URL(url).hostname !== ''
}

function isPrefixPart(part: string): boolean {
  return part === ':app' || isFolderPart(part)
}

function isFolderPart(part: string): boolean {
  return /^[\w-][\w.-]*$/.test(part)
}
