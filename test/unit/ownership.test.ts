import { beforeEach, describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { type ObjectStore, StorageError } from '../../src/core/object-store.ts'
import { toBytes } from '../../src/core/records.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { ForeignOwner, Ownership, ownerKeys } from '../../src/stores/ownership.ts'
import type { ConditionalCreate } from '../../src/stores/s3/conditional-create.ts'

const PREFIX = ':app/streams'
const ROOT = '.hls-receiver-owner.json'

let objects: ObjectStore
let puts: string[]

beforeEach(() => {
  objects = memoryStore(() => 0)
  puts = []
})

/** A gate that opens for all who wait. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

/** The objects as one receiver sees them, which does nothing about conditions unless it honours them. */
function seen(conditions: ConditionalCreate, before: () => Promise<void> = async () => {}): ObjectStore {
  return {
    ...objects,
    async put(key, body, { ifAbsent, ...options }) {
      await before()
      if (ifAbsent === true && conditions === 'refused') throw new StorageError('refused', false)
      puts.push(`${key} ${ifAbsent === true}`)
      await objects.put(key, body, { ...options, ifAbsent: ifAbsent === true && conditions === 'honoured' })
    },
  }
}

interface Options {
  readonly conditions?: ConditionalCreate
  readonly store?: ObjectStore
  readonly apps?: readonly string[]
  readonly isTakingOver?: boolean
  readonly pause?: () => Promise<void>
}

const neverPauses = () => Promise.reject(new Error('paused'))

function receiver(id: string, options: Options = {}): Ownership {
  const { conditions = 'honoured', store = seen(conditions), apps = ['live'], isTakingOver = false } = options
  const claimant = { id, isShared: false, isTakingOver }
  const means = { probe: async () => conditions, pause: options.pause ?? neverPauses }
  return new Ownership(store, ownerKeys([PREFIX], apps), claimant, means)
}

async function own(key: string, id: string): Promise<void> {
  const text = JSON.stringify({ receiver: id, since: 'long' })
  await objects.put(key, contentOf(toBytes(text)), { contentType: 'application/json' })
}

/** One claims between the look and the put of another; which of them confirm it. */
async function race(options: Options): Promise<unknown[]> {
  const [isAtPut, mayPut, isSettled] = [gate(), gate(), gate()]
  const late = seen(options.conditions ?? 'honoured', () => {
    isAtPut.open()
    return mayPut.passed
  })
  /** Confirms until it pauses, or is done. */
  const begin = (id: string, store?: ObjectStore) => {
    const isPaused = gate()
    const pause = () => {
      isPaused.open()
      return isSettled.passed
    }
    const done = receiver(id, { ...options, ...(store && { store }), pause }).confirm()
    return { done, reached: Promise.race([isPaused.passed, done.catch(() => undefined)]) }
  }
  const second = begin('second', late)
  await isAtPut.passed
  const first = begin('first')
  await first.reached
  mayPut.open()
  await second.reached
  isSettled.open()
  const confirmed = [first.done, second.done]
  const results = await Promise.allSettled(confirmed)
  return results.map((result) => (result.status === 'rejected' ? result.reason : undefined))
}

describe('P3: of two receivers that start at once, one has the prefix', () => {
  test.each(['ignored', 'refused'] as const)('where conditions are %s', async (conditions) => {
    expect(await race({ conditions })).toEqual([expect.any(ForeignOwner), undefined])
  })

  test('where conditions are honoured: the first, and nobody waits', async () => {
    expect(await race({})).toEqual([undefined, expect.any(ForeignOwner)])
    await receiver('first').confirm()
  })

  test('where both take it over', async () => {
    await own('live/streams/.hls-receiver-owner.json', 'gone')
    const [lost, won] = await race({ isTakingOver: true })
    expect([lost, won]).toEqual([expect.any(ForeignOwner), undefined])
  })
})

test('one that lost a prefix that it took over does not take it again', async () => {
  const key = 'live/streams/.hls-receiver-owner.json'
  await own(key, 'gone')
  const loser = receiver('loser', { isTakingOver: true, pause: () => own(key, 'winner') })
  for (let round = 0; round < 2; round++) await expect(loser.confirm()).rejects.toThrow(ForeignOwner)
  expect(puts).toHaveLength(1)
})

test('P3: a claim whose answer was lost is looked at again after a while, too', async () => {
  const inner = seen('ignored')
  let pauses = 0
  const store: ObjectStore = {
    ...inner,
    async put(key, body, options) {
      await inner.put(key, body, options)
      throw new StorageError('unavailable', true)
    },
  }
  const claiming = receiver('first', {
    conditions: 'ignored',
    store,
    pause: async () => {
      pauses++
    },
  })
  await expect(claiming.confirm()).rejects.toThrow(StorageError)
  await claiming.confirm()
  expect(pauses).toBe(1)
})

test('a claim that is not allowed is not tried without its condition', async () => {
  const store: ObjectStore = {
    ...objects,
    put: async (key, _body, { ifAbsent }) => {
      puts.push(`${key} ${ifAbsent === true}`)
      throw new StorageError('refused', false)
    },
  }
  await expect(receiver('first', { store }).confirm()).rejects.toThrow(StorageError)
  expect(puts).toEqual(['live/streams/.hls-receiver-owner.json true'])
})

test('several keys that others may be claiming are waited for together', async () => {
  for (const app of ['one', 'two', 'three']) await own(`${app}/streams/.hls-receiver-owner.json`, 'other')
  let pauses = 0
  const pause = async () => void pauses++
  await receiver('first', { apps: ['one', 'two', 'three'], isTakingOver: true, pause }).confirm()
  expect([puts.length, pauses]).toEqual([3, 1])
})

describe('a receiver for all apps that has the prefix', () => {
  beforeEach(() => own(ROOT, 'other'))

  test('P3: keeps those for some apps off, which write nothing', async () => {
    await expect(receiver('first').confirm()).rejects.toThrow(
      `${ROOT} says that the prefix belongs to the receiver other`,
    )
    expect(puts).toEqual([])
  })

  test('is this one: it may name its apps now', async () => {
    await receiver('other').confirm()
    expect(puts).toEqual(['live/streams/.hls-receiver-owner.json true'])
  })

  test('is passed over by one that takes over, and by one that has its app already', async () => {
    await receiver('first', { isTakingOver: true }).confirm()
    await receiver('first').confirm()
    expect(puts).toEqual(['live/streams/.hls-receiver-owner.json true'])
  })
})
