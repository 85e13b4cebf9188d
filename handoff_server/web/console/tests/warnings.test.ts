import { render } from '@testing-library/vue'
import { expect, test } from 'vitest'
import Avatar from '../components/Avatar.vue'
import { i18n } from '../i18n'
import { warnings } from './warnings'

test('a component that lacks what it needs is heard of', () => {
  const forgetful: object = { id: 'marta' }
  render(Avatar, { props: forgetful as { id: string; name: string }, global: { plugins: [i18n] } })
  expect(warnings().join()).toContain('Missing required prop: "name"')
})

test('a text that does not exist is heard of', () => {
  i18n.global.t('nowhere')
  expect(warnings().join()).toContain("Not found 'nowhere' key")
})
