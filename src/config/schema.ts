import { checkDeletion } from './deletion.ts'
import { MUXING_SETTINGS } from './muxing-settings.ts'
import { checkProducts, PRODUCT_SETTINGS } from './product-settings.ts'
import { RECORDING_SETTINGS } from './recording-settings.ts'
import { checkS3, S3_SETTINGS } from './s3-settings.ts'
import {
  type AnySetting,
  appList,
  appNumbers,
  flag,
  ingestKeys,
  list,
  mounts,
  oneOf,
  optionalUrl,
  restartPolicies,
  setting,
  someText,
  streamNumbers,
  streamRules,
  timeZone,
  type ValuesOf,
  whole,
} from './setting-types.ts'
import { WEBHOOK_SETTINGS } from './webhook-settings.ts'
import { checkWorkers, WORKER_SETTINGS } from './worker-settings.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB

/** Every setting: type, default and text. docs/configuration.md is made from it. */
export const SETTINGS = {
  HOST: setting(someText, '127.0.0.1', 'address', 'Address to listen on. One that others can reach needs INGEST_KEYS.'),
  PORT: setting(whole(0, 65_535), '8080', 'number', 'Port to listen on; 0 takes a free one.'),
  DATA_DIR: setting(someText, './data', 'path', 'Folder for everything kept on disk; may be a symbolic link.'),
  STORE: setting(
    oneOf('disk', 's3', 'memory'),
    'disk',
    '`disk`, `s3`, `memory`',
    'Where recordings are kept: as files below DATA_DIR, or in the bucket S3_BUCKET; what is accepted lies in DATA_DIR until it is there. `memory` keeps nothing over a restart.',
  ),
  DURABILITY: setting(
    oneOf('fsync', 'os'),
    'fsync',
    '`fsync`, `os`',
    'What a 2xx means: `fsync`, the bytes survive power loss; `os`, they survive the end of this process.',
  ),
  INGEST_KEYS: setting(
    ingestKeys,
    '',
    'list',
    'Keys that encoders must show: `KEY` for all apps, `APP=KEY` for one, `APP/STREAM=KEY` for one stream; each stream of an app has a key of its own. Empty: no key is asked for.',
  ),
  ADMIN_KEYS: setting(
    list,
    '',
    'list',
    'Keys for `/readyz` in full and for the management API, as `Authorization: Bearer`.',
  ),
  ALLOW_ANONYMOUS_INGEST: setting(
    flag,
    'false',
    '`true`, `false`',
    'Allow a HOST that others can reach without INGEST_KEYS.',
  ),
  APPS: setting(appList, '', 'list', 'App names that may be used; empty: any.'),
  INGEST_MOUNTS: setting(
    mounts,
    '',
    'list',
    'More upload endpoints beside `/:app/hls-upload`: `/hls-stream=live` for one app, `/:app/ingest` with the app in the path.',
  ),
  PUBLIC_URL: setting(
    optionalUrl,
    '',
    'URL',
    'Address that encoders and players reach this receiver under, for the lines printed at the start.',
  ),
  MAX_SEGMENT_BYTES: setting(
    whole(1, Number.MAX_SAFE_INTEGER),
    String(16 * GIB),
    'bytes',
    'Largest segment. A single-file upload lasts a whole broadcast.',
  ),
  MAX_UPLOADS: setting(whole(1, 100_000), '4096', 'number', 'Uploads that may run at once; more are answered 429.'),
  UPLOAD_WHEN: setting(
    oneOf('live', 'ended'),
    'live',
    '`live`, `ended`',
    'When files go into the store: `live`, as they come; `ended`, when their stream has ended, or brought nothing for STALE_SECONDS. Players read from the receiver all the while.',
  ),
  PLAYLIST_WRITE_SECONDS: setting(
    whole(1, 86_400),
    '1',
    'seconds',
    'Shortest time between two writes of one playlist to the store; some services allow one a second, or less. Players that read from the receiver always get the newest.',
  ),
  PLAYLIST_CACHE_CONTROL: setting(someText, 'no-cache', 'text', 'Cache-Control of playlists in a bucket.'),
  SEGMENT_CACHE_CONTROL: setting(
    someText,
    'public, max-age=31536000, immutable',
    'text',
    'Cache-Control of everything else in a bucket: bytes under a name never change.',
  ),
  SPOOL_MAX_BYTES: setting(
    whole(1, Number.MAX_SAFE_INTEGER),
    String(64 * GIB),
    'bytes',
    'How much may wait for the store while it is slow or down; beyond, uploads are answered 507. The log warns at 85 %.',
  ),
  SPOOL_MAX_HOURS: setting(
    whole(1, 87_600),
    '168',
    'hours',
    'How long anything may wait for the store; beyond, uploads are answered 507.',
  ),
  READ_CACHE_BYTES: setting(
    whole(1, Number.MAX_SAFE_INTEGER),
    String(128 * MIB),
    'bytes',
    'Memory for segments that were read from the bucket, so that many players cost one read.',
  ),
  MAX_CONNECTIONS: setting(
    whole(1, 1_000_000),
    '16384',
    'number',
    'Connections that may be open at once; more are refused.',
  ),
  KEEP_ALIVE_SECONDS: setting(
    whole(1, 86_400),
    '120',
    'seconds',
    'How long an idle connection stays open; longer than any segment.',
  ),
  BODY_IDLE_SECONDS: setting(
    whole(1, 604_800),
    '3600',
    'seconds',
    'How long a body may make no progress. An init section is announced segments ahead; some encoders hold an empty upload open.',
  ),
  DRAIN_SECONDS: setting(whole(0, 3_600), '20', 'seconds', 'How long SIGTERM waits for uploads that are running.'),
  STALE_SECONDS: setting(
    whole(10, 2_000_000),
    '300',
    'seconds',
    'How long a live playlist may go without a new version before it is stale.',
  ),
  STALE_PLAYLISTS: setting(
    oneOf('end', 'gone', 'keep'),
    'end',
    '`end`, `gone`, `keep`',
    'What becomes of a stale playlist: `end`, it gets its ENDLIST, in the store too, until its encoder goes on; `gone`, players get 404, so that a CDN fails over; `keep`, it stays live.',
  ),
  RESTART_POLICY: setting(
    restartPolicies,
    'append_list',
    'list',
    'What becomes of an encoder that starts again under its old names: `append_list`, its files get names of their own and the recording goes on; `addDateTimeToHlsFileName`, likewise, with the date-time of the run in each name, and the plain name stands for the newest run alone; `overwrite`, its files take the place of the old ones, and the recording begins anew; `reject`, other bytes under a name that is taken are answered 409, as are lists that name only what was there before. For an app or a stream: `live=reject,live/cam1=append_list`.',
  ),
  DATE_TIME_ZONE: setting(timeZone, 'UTC', 'time zone', 'Time zone of the date-time in the names of runs.'),
  DELETE_HLS_FILES_ON_ENDED: setting(
    streamRules('true', 'false'),
    'false',
    'list',
    'Whether a stream is removed when it has ended, with all its renditions and runs, here and in the store: `true` or `false`, for an app or a stream `live=true,live/cam1=false`. An encoder that comes back before DELETE_AFTER_SECONDS have passed keeps everything. Not with S3_SHARED.',
  ),
  DELETE_AFTER_SECONDS: setting(
    whole(0, 2_000_000),
    '60',
    'seconds',
    'How long after its end a stream is removed, where DELETE_HLS_FILES_ON_ENDED says so; as long as its live list at least, so that viewers come to its end.',
  ),
  RETENTION: setting(
    streamRules('archive', 'mirror'),
    'archive',
    'list',
    'What a DELETE of an encoder does: `archive`, nothing, so that what has left the live list stays recorded; `mirror`, the file goes, from the recording too, once it has left every playlist for as long as the live list plays. For an app or a stream `live=mirror,live/cam1=archive`. `mirror` not with S3_SHARED.',
  ),
  RECORDING_MAX_HOURS: setting(
    streamNumbers,
    '0',
    'list',
    'How many hours what was recorded stays, counted from when it came; 0, for good. What is older goes from the recording and from the store, the oldest first, in steps of a tenth: nothing gets older than this and a tenth of it. What is in the live list stays; a playlist to which nothing came for so long goes as a whole. For an app or a stream `live=72,live/cam1=0`. Not with S3_SHARED.',
  ),
  RECORDING_MAX_BYTES: setting(
    streamNumbers,
    '0',
    'list',
    'How many bytes the recordings of a stream may take, all its renditions together; 0, without limit. Beyond, the oldest entries go until it is a tenth less; of what has ended, whole playlists at last. For the streams of an app, or one, `live=50000000000,live/cam1=0`. Not with S3_SHARED.',
  ),
  APP_MAX_BYTES: setting(
    appNumbers,
    '0',
    'list',
    'How many bytes the recordings of an app may take, all its streams together, likewise; for one app `live=500000000000`. Not with S3_SHARED.',
  ),
  LOG_LEVEL: setting(
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    'info',
    'level',
    'Least severe log line to write.',
  ),
  ...MUXING_SETTINGS,
  ...WEBHOOK_SETTINGS,
  ...S3_SETTINGS,
  ...RECORDING_SETTINGS,
  ...WORKER_SETTINGS,
  ...PRODUCT_SETTINGS,
} as const

type Settings = typeof SETTINGS
/** Checked settings. */
export type Config = ValuesOf<Settings>

/** A setting that cannot be used: one sentence for the person at the console. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConfigError'
  }
}

/** Reads settings from the environment, over those of a file, over the defaults. Throws ConfigError. */
export function readConfig(
  environment: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>> = {},
): Config {
  for (const name of Object.keys(file)) {
    if (!Object.hasOwn(SETTINGS, name)) throw new ConfigError(`${name} in the configuration file is not a setting.`)
  }
  const values: [string, unknown][] = Object.entries(SETTINGS).map(([name, entry]) => [
    name,
    readSetting(name, entry, environment[name] ?? file[name] ?? entry.default),
  ])
  const config = Object.fromEntries(values) as Config
  if (!isLoopback(config.HOST) && config.INGEST_KEYS.length === 0 && !config.ALLOW_ANONYMOUS_INGEST) {
    throw new ConfigError(
      `HOST ${config.HOST} can be reached by others: set INGEST_KEYS, or ALLOW_ANONYMOUS_INGEST=true to let anyone upload.`,
    )
  }
  const wrong = checkS3(config) ?? checkProducts(config) ?? checkDeletion(config) ?? checkWorkers(config)
  if (wrong !== undefined) throw new ConfigError(wrong)
  return config
}

function readSetting(name: string, entry: AnySetting, value: unknown): unknown {
  const text = Array.isArray(value) ? value.join(',') : String(value)
  const result = entry.type.safeParse(text.trim())
  if (result.success) return result.data
  throw new ConfigError(
    `${name}: ${result.error.issues[0]?.message ?? 'not valid'} (expected: ${entry.value.replaceAll('`', '')}).`,
  )
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
