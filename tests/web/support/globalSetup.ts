// SPDX-License-Identifier: Apache-2.0
// Starts the demonstration company for the project `real` when nobody else has: installer/quickstart with what is
// built, in a folder of its own. JACKFIELD_BUILD names the build folder, build/dev say.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const quickstart = fileURLToPath(new URL('../../../installer/quickstart', import.meta.url));
const restart = fileURLToPath(new URL('restart', import.meta.url));

export default function globalSetup(): (() => void) | undefined {
  const build = process.env.JACKFIELD_BUILD;
  if (process.env.JACKFIELD_URL !== undefined || build === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-web-'));
  const run = (...options: string[]) =>
    execFileSync(quickstart, [...options, '--dir', folder], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, JACKFIELD_DEMO_PRESET: basename(build) },
    });
  const stop = () => void run('remove');
  try {
    run('--keep');
  } catch (error) {
    stop();
    throw error;
  }
  const port = /^HTTP_PORT=(\d+)$/m.exec(readFileSync(join(folder, 'ports'), 'utf8'))?.[1];
  process.env.JACKFIELD_URL = `http://127.0.0.1:${String(port)}`;
  process.env.JF_RESTART ??= `'${restart}' '${folder}' '${build}/bin/jackfieldd'`;
  return stop;
}
