/** The house around the desk: its rules, whether the assistant is there, and what colleagues and customers do now. */
import { ref, shallowRef } from 'vue'
import type { Caught } from './line'
import type { AssistantState, Policy, Typing } from './model/protocol'
import { Typists } from './typists'
import { Viewers } from './viewers'

const unknown: Policy = { version: '', teams: [], dispositions: [], skills: [] }

export function createHouse(agentId: string) {
  const policy = shallowRef(unknown)
  const assistantDown = ref(false)
  const typists = new Typists()
  const viewers = new Viewers(agentId)
  /** The build of the console that the server had when this page came, and whether it has another one now. */
  let version: string | undefined
  const outdated = ref(false)

  function assistantIs(state: AssistantState): void {
    assistantDown.value = state === 'down'
  }

  function are(told: Caught): void {
    assistantIs(told.assistant)
    policy.value = told.policy ?? policy.value
    viewers.are(told.viewing ?? {})
    version ??= told.version
    outdated.value ||= version !== told.version
  }

  function someoneTypes(news: Typing): void {
    if (news.agent_id !== agentId) typists.hear(news)
  }

  return { policy, assistantDown, outdated, typists, viewers, are, assistantIs, someoneTypes }
}
