// SPDX-License-Identifier: Apache-2.0
// Short names for the documents of the API; their shape comes from appliance/gateway/openapi.yaml.
import type { components } from '../generated/api';

type Schemas = components['schemas'];

export type Alarm = Schemas['Alarm'];
export type AuditEntry = Schemas['AuditEntry'];
export type Call = Schemas['Call'];
export type CallEvent = Schemas['CallEvent'];
export type Connection = Schemas['Connection'];
export type ContactLogEntry = Schemas['ContactLogEntry'];
export type Person = Schemas['Person'];
export type Problem = Schemas['Problem'];
export type Refusal = Schemas['Refusal'];
export type Server = Schemas['Server'];
export type Session = Schemas['Session'];
export type Permission = Session['permissions'][number];
export type SyncRun = Schemas['SyncRun'];
export type User = Schemas['User'];
