import { expect, test } from 'vitest'
import { eventBody } from '../../src/core/webhooks/event-body.ts'
import { EVENT_SAMPLES, EVENTS } from '../../src/core/webhooks/events.ts'
import type { StreamEvent } from '../../src/core/webhooks/stream-event.ts'

const json = (event: StreamEvent) => JSON.parse(eventBody(event, 'application/json')) as Record<string, unknown>

test('vodReady is told as Ant Media Server tells it: times and duration as text, the id without its folder', () => {
  const event: StreamEvent = {
    ...{ action: 'vodReady', app: 'LiveApp', id: 'berlin/north/cam1', timestamp: 1_795_305_600_123 },
    ...{ vodId: 'abcdefghijklmnopqrstuvwx', vodName: 'cam1_240p', duration: 61_500 },
  }
  expect(json(event)).toEqual({
    id: 'cam1',
    action: 'vodReady',
    subFolder: 'berlin/north',
    vodId: 'abcdefghijklmnopqrstuvwx',
    vodName: 'cam1_240p',
    duration: '61500',
    app: 'LiveApp',
    timestamp: '1795305600123',
  })
})

test('blank fields are left out', () => {
  const event: StreamEvent = { action: 'liveStreamStarted', app: 'live', id: 'cam1', timestamp: 5 }
  expect(json(event)).toEqual({ id: 'cam1', action: 'liveStreamStarted', app: 'live', timestamp: '5' })
  const blank: StreamEvent = { ...event, action: 'uploadCompleted', file: '' }
  expect(json(blank)).not.toHaveProperty('file')
})

test('numbers that are none of Ant Media Server stay numbers, also when they are 0', () => {
  const event: StreamEvent = {
    ...{ action: 'segmentsMissing', app: 'live', id: 'cam1', timestamp: 5, playlist: 'cam1.m3u8', missing: 0 },
  }
  expect(json(event)).toMatchObject({ playlist: 'cam1.m3u8', missing: 0 })
})

test('a form has the same fields', () => {
  const event: StreamEvent = { action: 'uploadCompleted', app: 'live', id: 'a/cam1', timestamp: 5, file: 'a/ä & b.mp4' }
  const form = new URLSearchParams(eventBody(event, 'application/x-www-form-urlencoded'))
  expect(Object.fromEntries(form)).toEqual(json(event))
})

test.each(EVENT_SAMPLES)('$action is told with the fields that the docs name', (event) => {
  const always = ['id', 'action', 'subFolder', 'app', 'timestamp']
  expect(Object.keys(json(event)).toSorted()).toEqual([...always, ...EVENTS[event.action].fields].toSorted())
})

test('there is a sample of each event', () => {
  expect(EVENT_SAMPLES.map(({ action }) => action).toSorted()).toEqual(Object.keys(EVENTS).toSorted())
})
