/** The doors of the settings: docs/protocol.md §3. Each throws a SessionError with the code of the refusal. */
import type { Agent, Name, Priority, Promised } from '../model/protocol'
import { call, SessionError } from './session'

/** What is wrong, and where: names and numbers from the root. */
export interface Problem {
  place: (string | number)[]
  code: string
  message: string
}

export function problemsOf(error: unknown): Problem[] {
  return error instanceof SessionError ? ((error.details.problems as Problem[] | undefined) ?? []) : []
}

export interface User extends Pick<Agent, 'id' | 'name' | 'email' | 'role'> {
  /** One has been set. */
  password: boolean
  sessions: number
  created_at: number
}

export async function readUsers(): Promise<User[]> {
  return ((await call('GET', 'agents')) as { agents: User[] }).agents
}

export async function createUser(user: Pick<User, 'name' | 'email' | 'role'>): Promise<string> {
  return ((await call('POST', 'agents', user)) as { link: string }).link
}

export async function changeRole(id: string, role: User['role']): Promise<void> {
  await call('PUT', `agents/${id}`, { role })
}

export async function resetLink(id: string): Promise<string> {
  return ((await call('POST', `agents/${id}/reset`)) as { link: string }).link
}

export async function removeUser(id: string): Promise<void> {
  await call('DELETE', `agents/${id}`)
}

/** Spans such as 08:00-19:00, from morning to evening; none: closed. */
export type Spans = string[]

export interface Hours {
  time_zone: string
  week: Record<string, Spans>
  days: Record<string, Spans>
}

/** Times are written 30s, 5m, 2h or 3d. */
export interface Team {
  name: Name
  hours: string
  mode: 'pull' | 'push'
  last_agent_first: boolean
  offer?: string
  when_closed?: string
  wrap_up?: string
}

export interface Disposition {
  id: string
  name: Name
  settled: boolean
  survey: boolean
}

/** teams.yml in its own words: docs/teams.md. */
export interface TeamsText {
  version: string
  default_team: string
  hours: Record<string, Hours>
  teams: Record<string, Team>
  skills: string[]
  promises: { warn_at: number } & Record<Priority, Partial<Record<Promised, string>>>
  queue: Record<string, string | string[]>
  dispositions: Disposition[]
  cases: Record<string, string>
  survey: { after: string[]; open?: string; pause?: string }
}

export interface TeamsFile {
  policy: TeamsText | null
  tag: string | null
  why: 'no_file' | 'unreadable' | 'read_only' | null
  problems: string[]
}

export async function readTeams(): Promise<TeamsFile> {
  return (await call('GET', 'teams')) as TeamsFile
}

export async function writeTeams(policy: TeamsText, tag: string): Promise<string> {
  return ((await call('PUT', 'teams', { policy, tag })) as { tag: string }).tag
}

export interface WidgetTexts {
  title: string
  greeting: string
  field: string
  open: string
  privacy: string
  privacy_url: string
}

export interface Looks {
  accent: string
  position: 'end' | 'start'
  texts: Record<'es' | 'en', WidgetTexts>
}

export interface Widget {
  key: string
  name: string
  looks: Looks
  origins: string[]
  /** That of WIDGET_KEY. */
  first: boolean
}

export interface Widgets {
  widgets: Widget[]
  server: string
  settings_origins: string[]
}

export async function readWidgets(): Promise<Widgets> {
  return (await call('GET', 'widgets')) as Widgets
}

export async function keepWidget(
  key: string | null,
  widget: Pick<Widget, 'name' | 'looks' | 'origins'>,
): Promise<string> {
  const [method, path] = key === null ? ['POST', 'widgets'] : ['PUT', `widgets/${key}`]
  return ((await call(method as string, path as string, widget)) as { key: string }).key
}

export async function dropWidget(key: string): Promise<void> {
  await call('DELETE', `widgets/${key}`)
}

export interface ChannelState {
  name: string
  on: boolean
  missing: string[]
  last_in: number | null
  last_out: number | null
  failed: number
  dead_letters: number
}

export interface Channels {
  channels: ChannelState[]
  assistant: 'up' | 'down'
  jobs: number
  dead_letters: number
}

export async function readChannels(): Promise<Channels> {
  return (await call('GET', 'channels')) as Channels
}
