// SPDX-License-Identifier: Apache-2.0
// The running Jackfield of the project `real`: whose it is and who is there. All of it can be set by the environment;
// what is not set is the demonstration company's. Where JACKFIELD_URL is not set but JACKFIELD_BUILD is, the global
// set-up starts the demonstration company itself.
import { execFileSync } from 'node:child_process';

export interface Login {
  login: string;
  password: string;
}

function login(variable: string, fallback: string): Login {
  const [name = '', ...password] = (process.env[variable] ?? fallback).split(':');
  return { login: name, password: password.join(':') };
}

/** Their phones pick up by themselves after a moment. */
export const first = login('JF_USER_A', 'alice:demo-alice');
export const second = login('JF_USER_B', 'bob:demo-bob');
/** This one's phone rings and is never picked up. */
export const absent = login('JF_USER_C', 'carol:demo-carol');
export const administrator = login('JF_ADMIN', 'morgan:demo-morgan');
export const auditor = login('JF_AUDITOR', 'taylor:demo-taylor');

/** Ends the host as hard as kill -9 does, and starts it again; a shell command. Unset: those tests are skipped. */
export const restartCommand = process.env.JF_RESTART;

export function restart(): void {
  execFileSync('bash', ['-c', restartCommand ?? 'false'], { stdio: 'inherit', timeout: 60_000 });
}
