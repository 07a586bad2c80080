// SPDX-License-Identifier: Apache-2.0
// Documents of the API as the stand-in answers them.
import type { MockPerson } from './people';

export function session({ id, login, name, extension, roles }: MockPerson): Record<string, unknown> {
  const permissions = [
    'ownCalls',
    'directory',
    ...(roles.includes('auditor') ? ['viewSystem'] : []),
    ...(roles.includes('administrator') ? ['viewSystem', 'monitor', 'changeSystem', 'operate'] : []),
  ];
  return { user: { id, login, name, extension }, roles, permissions, csrfToken: 'csrf', expires: Date.now() + 1e7 };
}

export function userOf(person: MockPerson): Record<string, unknown> {
  const { extension } = person;
  return { person, directory: 'company-ldap', telephonyServer: 'head-office', extension, enabled: person.login !== 'bob' };
}

export function auditEntry(id: number, who: string, action: string, object: string, before = '', after = ''): Record<string, unknown> {
  return { id, time: Date.now() - id * 60_000, who, address: '192.0.2.7', action, object, before, after };
}

export function syncRun(id: number, state: 'running' | 'done' | 'failed' | 'refused', seen: number): Record<string, unknown> {
  return {
    id,
    directory: 'company-ldap',
    mode: 'incremental',
    state,
    text: state === 'failed' ? 'company-ldap does not answer: connection refused' : '',
    started: Date.now() - 65_000,
    ended: state === 'running' ? 0 : Date.now() - 60_000,
    seen,
    added: state === 'done' ? 3 : 0,
    changed: state === 'done' ? 12 : 0,
    removed: 0,
    unchanged: 0,
    skipped: state === 'done' ? 1 : 0,
    skippedReasons: state === 'done' ? ['uid=ghost,ou=people: has no name'] : [],
  };
}

export function server(handle: string, kind: string, state: string, reason = ''): Record<string, unknown> {
  const traffic = { received: 48_211, failed: 2, timedOut: 0, outstanding: 1 };
  return {
    handle,
    type: kind === 'directory' ? 'ldap' : 'sip',
    kind,
    plugin: kind === 'directory' ? 'directory' : 'call-server',
    description: '',
    enabled: true,
    settings: {},
    revision: 1,
    restartRequired: false,
    state,
    reason,
    since: Date.now() - 7_200_000,
    ownProcess: true,
    memoryMb: 40,
    memoryLimitMb: 512,
    confinement: [],
    counters: { admin: traffic, client: traffic, system: traffic },
  };
}
