import { nothingOr, optionalUrl, queueName, redisUrl, setting, someText, workerKey } from './setting-types.ts'

/** The settings of workers, which make files of recordings on other machines. */
export const WORKER_SETTINGS = {
  REDIS_URL: setting(
    redisUrl,
    '',
    'URL',
    'Redis that jobs go through to `hls-receiver worker` on other machines: `redis://` or, with TLS, `rediss://`, with user and password as it needs them. Empty: they are done here.',
  ),
  JOB_QUEUE: setting(
    queueName,
    'hls-receiver',
    'name',
    'Name of the queue in Redis; each receiver that uses the same Redis needs one of its own, and its workers the same.',
  ),
  WORKER_KEY: setting(
    nothingOr(workerKey),
    '',
    'key',
    'What workers show the receiver, as Bearer, the same for both: 16 letters, digits and -._~ or more. It opens nothing but `/jobs`. Needed with REDIS_URL.',
  ),
  RECEIVER_URL: setting(
    optionalUrl,
    '',
    'URL',
    'Of a worker: where it reaches the receiver, which it reads recordings from and brings files to.',
  ),
  WORKER_DIR: setting(
    someText,
    './worker',
    'path',
    'Of a worker: folder of its own that it makes files in. It is emptied at the start.',
  ),
} as const

interface Checked {
  readonly REDIS_URL: string
  readonly WORKER_KEY: string
}

/** What is wrong between the receiver's settings of workers, in one sentence; undefined: nothing. */
export function checkWorkers({ REDIS_URL, WORKER_KEY }: Checked): string | undefined {
  if (REDIS_URL === '' || WORKER_KEY !== '') return undefined
  return 'REDIS_URL needs WORKER_KEY: without it anybody could bring files.'
}

/** The same for those that a worker must have. */
export function checkWorker(config: Checked & { readonly RECEIVER_URL: string }): string | undefined {
  const missing = (['REDIS_URL', 'RECEIVER_URL', 'WORKER_KEY'] as const).filter((name) => config[name] === '')
  return missing.length === 0 ? undefined : `A worker needs ${missing.join(', ')}.`
}
