// SPDX-License-Identifier: Apache-2.0
// Two projects: `faults` against the stand-in, always; `real` against a running Jackfield, when JACKFIELD_URL names it
// or JACKFIELD_BUILD names what to start. Chromium is Debian's. One worker: the real phones are shared.
import { defineConfig } from '@playwright/test';

const real = process.env.JACKFIELD_URL !== undefined || process.env.JACKFIELD_BUILD !== undefined;

export default defineConfig({
  globalSetup: './support/globalSetup.ts',
  workers: 1,
  retries: process.env.CI !== undefined ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['junit', { outputFile: 'test-results/junit.xml' }]],
  use: {
    headless: true,
    locale: 'en-GB',
    ignoreHTTPSErrors: true,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'faults', testDir: 'faults' },
    // The workers read this file after the global set-up, which then has set the address.
    ...(real ? [{ name: 'real', testDir: 'real', use: { baseURL: process.env.JACKFIELD_URL ?? '' } }] : []),
  ],
});
