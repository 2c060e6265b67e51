import { expect, test } from 'vitest'
import type { ArrivingBody } from '../../src/core/custody.ts'
import { OpenBodies } from '../../src/core/open-bodies.ts'

const body = (id: string): ArrivingBody => ({
  id,
  received: 0,
  isOver: false,
  makeDurable: async () => 0,
  onReceived() {},
})
const at = (name: string, app = 'live') => ({ app, name, owner: '' })
const idsOf = (open: OpenBodies, base: string, app = 'live') => open.called(app, base).map((each) => each.body.id)

test('running uploads are found by app and last name part, those that began first come first', () => {
  const open = new OpenBodies()
  open.add(at('x/a.ts'), body('1'))
  open.add(at('a.ts'), body('2'))
  open.add(at('b.ts'), body('3'))
  open.add(at('a.ts', 'other'), body('4'))
  expect(idsOf(open, 'a.ts')).toEqual(['1', '2'])
  expect(idsOf(open, 'a.ts', 'other')).toEqual(['4'])
  expect(idsOf(open, 'x/a.ts')).toEqual([])
})

test('P6: nothing is left of those that are over', () => {
  const open = new OpenBodies()
  const leave = [open.add(at('a.ts'), body('1')), open.add(at('a.ts'), body('2'))]
  leave[0]?.()
  expect(idsOf(open, 'a.ts')).toEqual(['2'])
  leave[1]?.()
  expect(idsOf(open, 'a.ts')).toEqual([])
})
