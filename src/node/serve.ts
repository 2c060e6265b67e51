import { type Config, isLoopback } from '../config/schema.ts'
import { atMost } from '../core/at-most.ts'
import { RECORDING_BLOCK_ENTRIES } from '../core/limits.ts'
import type { Host, Log } from '../core/ports.ts'
import { isProduct, mayBePicture } from '../core/products/product-names.ts'
import { Receiver } from '../core/receiver.ts'
import { policies } from '../core/restart-policy.ts'
import { NOT_SHARED, sharedBy } from '../core/sharing/sharing.ts'
import type { StaleRule } from '../core/stale-rule.ts'
import type { StoringRules } from '../core/storing/storing-rules.ts'
import { DEFAULT_MOUNT, type Mount } from '../core/upload-target.ts'
import { createApp } from '../http/app.ts'
import { KeyRing } from '../http/key-ring.ts'
import { deletionRules } from './deletion-rules.ts'
import { Drain } from './drain.ts'
import { nodeHost } from './host.ts'
import { createHttpServer, nodeRuntime } from './http-server.ts'
import { inheritedSocket, listen } from './listener.ts'
import { openMaking } from './maker.ts'
import { createMetrics } from './metrics.ts'
import { openProductions, originReader } from './productions.ts'
import { openStorage, type Storage } from './storage.ts'
import { openWebhooks } from './webhooks.ts'

const HOUR_MS = 3_600_000
/** Time that the store has at the end however long the uploads took, in ms. */
const LEAST_DRAIN_MS = 1_000

/** A receiver that listens. */
export interface RunningReceiver {
  readonly host: string
  readonly port: number
  /** Finishes what is running, at most DRAIN_SECONDS, and closes. */
  stop(): Promise<void>
}

/** How objects and playlists go into the store, as the settings say. */
function storingRules(config: Config): StoringRules {
  return {
    spool: { maxBytes: config.SPOOL_MAX_BYTES, maxAgeMs: config.SPOOL_MAX_HOURS * HOUR_MS },
    when: config.UPLOAD_WHEN,
    quietMs: config.STALE_SECONDS * 1000,
    playlistIntervalMs: config.PLAYLIST_WRITE_SECONDS * 1000,
    playlistCacheControl: config.PLAYLIST_CACHE_CONTROL,
    objectCacheControl: config.SEGMENT_CACHE_CONTROL,
  }
}

function openReceiver(
  config: Config,
  host: Host,
  storage: Storage,
  mounts: readonly Mount[],
  stale: StaleRule,
): Receiver {
  const { journal, store, sharedAs, products } = storage
  return new Receiver({
    ...{ ...storage, host, mounts, stale },
    sharing: sharedAs === undefined ? NOT_SHARED : sharedBy(sharedAs, host, journal, store),
    maxSegmentBytes: config.MAX_SEGMENT_BYTES,
    zone: config.DATE_TIME_ZONE,
    policyFor: policies(config.RESTART_POLICY),
    blockEntries: RECORDING_BLOCK_ENTRIES,
    storing: storingRules(config),
    deletion: deletionRules(config),
    products: {
      files: products,
      isProduct: (app, name) => isProduct(journal, app, name),
      mayBePicture: (app, name) => mayBePicture(journal, app, name),
    },
  })
}

/** Whether only programs on this machine can reach the listener, as far as that is known. */
function isAlone({ HOST, PUBLIC_URL }: Config, inherited: number | undefined): boolean {
  return inherited === undefined && isLoopback(HOST) && PUBLIC_URL === ''
}

/** A storage that is open keeps others off: it is closed before a start fails. */
async function closingOnError<T>(storage: Storage, open: () => T | Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** The composition root on Node: storage, receiver, app and server, wired by hand. */
export async function serve(config: Config, log: Log): Promise<RunningReceiver> {
  const storage = await openStorage(config)
  await closingOnError(storage, () => storage.prepare(log))
  const mounts = [DEFAULT_MOUNT, ...config.INGEST_MOUNTS]
  const metrics = createMetrics()
  const host = nodeHost(log, metrics.meter, () => storage.nextId())
  const { journal } = storage
  const webhooks = await closingOnError(storage, () => openWebhooks(config, host, journal))
  const stale = { afterMs: config.STALE_SECONDS * 1000, action: config.STALE_PLAYLISTS }
  const receiver = openReceiver(config, host, storage, mounts, stale)
  const making = await closingOnError(storage, () => openMaking(config, log, originReader(receiver)))
  const productions = await closingOnError(storage, () =>
    openProductions(config, { host, storage, receiver, stale, events: webhooks, making }),
  )
  receiver.followedBy(productions)
  await receiver.recover()
  const inherited = inheritedSocket(process.env, process.pid)
  let isReady = true
  const app = createApp({
    receiver,
    runtime: nodeRuntime(config.BODY_IDLE_SECONDS * 1000),
    keys: new KeyRing(config.INGEST_KEYS, config.ADMIN_KEYS, config.WORKER_KEY),
    mounts,
    apps: config.APPS,
    maxUploads: config.MAX_UPLOADS,
    log,
    management: productions.management,
    ...(making.orders === undefined ? {} : { orders: making.orders }),
    isOpen: isAlone(config, inherited),
    health: { isReady: () => isReady && receiver.hasRoom && !storage.isRefused(), details: () => receiver.counts },
    metrics: {
      contentType: metrics.contentType,
      text: () => metrics.text({ spool: receiver.spooled, isStoreDown: receiver.isStoreDown }),
    },
  })
  const drain = new Drain()
  const server = createHttpServer(app, config, drain, log)
  const address = await listen(server, config, inherited)
  server.on('error', (cause) => log.error('listener failed', { cause }))
  productions.begin()
  webhooks.begin()
  return {
    host: address.host,
    port: address.port,
    async stop() {
      isReady = false
      const drainMs = config.DRAIN_SECONDS * 1000
      const deadline = Date.now() + drainMs
      const stopped = productions.stop()
      await drain.stop(server, drainMs)
      await atMost(host.clock, Math.max(LEAST_DRAIN_MS, deadline - Date.now()), stopped)
      await making.close()
      await webhooks.stop()
      await receiver.close(Math.max(LEAST_DRAIN_MS, deadline - Date.now())).finally(() => storage.close())
    },
  }
}
