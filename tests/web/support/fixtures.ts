// SPDX-License-Identifier: Apache-2.0
// A stand-in of one's own for each test.
import { test as base } from '@playwright/test';

import { MockJackfield } from '../mock/jackfield';

export const test = base.extend<{ mock: MockJackfield }>({
  mock: async ({}, use) => {
    const mock = new MockJackfield();
    await mock.start();
    await use(mock);
    await mock.stop();
  },
  baseURL: async ({ mock }, use) => {
    await use(mock.url);
  },
});

export { expect } from '@playwright/test';
