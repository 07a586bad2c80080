// SPDX-License-Identifier: Apache-2.0
// Under which keys answers are cached; events make them out of date by these names.

export const keys = {
  calls: ['calls'],
  contactLog: ['contactLog'],
  directory: ['directory'],
  status: ['status'],
  servers: ['servers'],
  alarms: ['alarms'],
  syncRuns: ['syncRuns'],
  users: ['users'],
  audit: ['audit'],
} as const;
