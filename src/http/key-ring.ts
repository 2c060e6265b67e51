import type { IngestKey } from '../config/ingest-keys.ts'
import { ReceiverError } from '../core/errors.ts'
import { mayBelongTo } from '../core/names.ts'
import { baseName } from '../core/upload-path.ts'
import type { UploadTarget } from '../core/upload-target.ts'

/** The init section's name that libavformat uses when none is given. */
const DEFAULT_INIT_NAME = 'init.mp4'

/** The one place that knows keys: who may upload what, who may manage, and who works. */
export class KeyRing {
  readonly #ingest: readonly IngestKey[]
  readonly #admin: readonly string[]
  readonly #worker: string

  /** Without `worker`, or with an empty one, nobody is a worker. */
  constructor(ingest: readonly IngestKey[], admin: readonly string[], worker = '') {
    this.#ingest = ingest
    this.#admin = admin
    this.#worker = worker
  }

  /**
   * Checks the key of an upload: in the path, else as Bearer or Basic (user or password). Gives the stream it is bound
   * to, or an empty text. Throws `key-missing`, `key-invalid` or `key-scope`.
   */
  authorise(target: UploadTarget, authorization: string | undefined): string {
    if (this.#ingest.length === 0) return ''
    const shown = target.key === undefined ? keysInHeader(authorization) : [target.key]
    if (shown.length === 0) throw new ReceiverError('key-missing')
    const known = this.#ingest.filter(({ key }) => shown.map((text) => equalInConstantTime(text, key)).includes(true))
    if (known.length === 0) throw new ReceiverError('key-invalid')
    const fitting = known.filter((key) => opens(key, target))
    if (fitting.length === 0) throw new ReceiverError('key-scope')
    return fitting.some(({ stream }) => stream === undefined) ? '' : (fitting[0]?.stream ?? '')
  }

  /** Whether there are admin keys at all. */
  get hasAdmins(): boolean {
    return this.#admin.length > 0
  }

  /** Whether a request shows an admin key. */
  isAdmin(authorization: string | undefined): boolean {
    const shown = keysInHeader(authorization)
    return this.#admin.filter((key) => shown.map((text) => equalInConstantTime(text, key)).includes(true)).length > 0
  }

  /** Lets in who shows the key of the workers, which opens nothing else. Throws `worker-key-missing`, `worker-key-invalid`. */
  admitWorker(authorization: string | undefined): void {
    const shown = keysInHeader(authorization)
    if (shown.length === 0 || this.#worker === '') throw new ReceiverError('worker-key-missing')
    const isKnown = shown.map((text) => equalInConstantTime(text, this.#worker)).includes(true)
    if (!isKnown) throw new ReceiverError('worker-key-invalid')
  }
}

function opens(key: IngestKey, { app, name }: UploadTarget): boolean {
  if (key.app !== undefined && key.app !== app) return false
  if (key.stream === undefined || name === null) return true
  const [base = ''] = baseName(name).split('?')
  return name.startsWith(`${key.stream}/`) || name === DEFAULT_INIT_NAME || mayBelongTo(base, key.stream)
}

function keysInHeader(authorization: string | undefined): string[] {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ')
  if (/^bearer$/i.test(scheme) && value !== '') return [value]
  if (!/^basic$/i.test(scheme)) return []
  try {
    const pair = atob(value)
    const colon = pair.indexOf(':')
    return [pair.slice(0, Math.max(colon, 0)), pair.slice(colon + 1)].filter((text) => text !== '')
  } catch {
    return []
  }
}

/** Compares without telling by its time where two texts differ; only the length of the shown one shows. */
function equalInConstantTime(shown: string, key: string): boolean {
  let difference = shown.length ^ key.length
  for (let index = 0; index < shown.length; index++) {
    difference |= shown.charCodeAt(index) ^ key.charCodeAt(index % key.length)
  }
  return difference === 0
}
